/** Members that are going to be killed: what they hold then is for the others to take back. */
import { joinGroup } from '../group.js'
import type { Casting } from './role.js'

/** Holds as many segments as it is told. */
export const owner: Casting = (group, count) => {
  const dsm = joinGroup(group)
  for (let made = 0; made < Number(count); made++) dsm.create(4096, { owner: null })
  return { answer: () => null, close: () => dsm.close() }
}

/** Holds a lock, and memory of its own besides, written to. */
export const holder: Casting = (group, handle, bytes) => {
  const dsm = joinGroup(group)
  const memory = Buffer.alloc(Number(bytes), 1)
  const words = new Int32Array(dsm.attach(Number(handle))!.buffer)
  const held = dsm.lock(words, 0).acquire()
  return {
    answer: () => memory.length,
    close() {
      held.release()
      dsm.close()
    },
  }
}
