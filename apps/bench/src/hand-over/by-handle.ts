/** Ours: a number is sent; whoever has it attaches. */
import { groupName, joinGroup, makeGroup } from '../group.js'
import { FIRST_BYTE, type Way } from './way.js'

export const byHandle: Way = {
  name: 'dsm, by handle',
  give(size) {
    const dsm = makeGroup('posix')
    const segment = dsm.create(size)
    segment.bytes.fill(FIRST_BYTE)
    return { word: groupName(), message: segment.handle, close: () => dsm.close() }
  },
  take(group) {
    const dsm = joinGroup(group)
    return {
      take(handle) {
        const segment = dsm.attach(Number(handle))!
        return { bytes: segment.bytes, done: () => segment.detach() }
      },
      close: () => dsm.close(),
    }
  },
}
