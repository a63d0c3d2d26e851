/** Processes that hold the same bytes, all of them read: shared, or each a copy of its own. */
import { joinGroup } from '../group.js'
import { readEveryPage } from '../pages.js'
import type { Casting } from './role.js'

export const sharer: Casting = (group, handle) => {
  const dsm = joinGroup(group)
  const segment = dsm.attach(Number(handle))!
  readEveryPage(segment.bytes)
  return { answer: () => segment.size, close: () => dsm.close() }
}

export const copier: Casting = (_, size) => {
  const bytes = Buffer.alloc(Number(size), 1)
  return { answer: () => bytes.length, close: () => undefined }
}
