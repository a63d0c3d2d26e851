/** @dsm/native: see index.cjs, which has the code. */
export { buildTree, includeDir, load, treeVariable } from './index.cjs'
