/** Public entry of @dsm/freepage; re-exports only. */
export { FreePageError } from './free-page-error.js'
export { PAGE_SIZE } from './layout.js'
export { FreePageManager, type FreePageOptions } from './manager.js'
