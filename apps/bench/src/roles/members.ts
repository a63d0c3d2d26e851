/** Members that do one thing for as long as they are told, and say how often: or nothing at all. */
import { joinGroup } from '../group.js'
import type { Casting } from './role.js'

/** Between two looks at the clock. */
const STRIDE = 50

function countFor(spanMs: number, work: () => void): number {
  const end = performance.now() + spanMs
  let count = 0
  do {
    for (let done = 0; done < STRIDE; done++) work()
    count += STRIDE
  } while (performance.now() < end)
  return count
}

export const idle: Casting = group => {
  const dsm = joinGroup(group)
  return { answer: () => null, close: () => dsm.close() }
}

function warmUp(count: string | undefined, work: () => void): void {
  for (let done = 0; done < Number(count); done++) work()
}

export const creator: Casting = (group, _, warmUpCount) => {
  const dsm = joinGroup(group)
  const work = (): void => dsm.create(4096).detach()
  warmUp(warmUpCount, work)
  return { answer: spanMs => countFor(Number(spanMs), work), close: () => dsm.close() }
}

export const locker: Casting = (group, handle, warmUpCount) => {
  const dsm = joinGroup(group)
  const words = new Int32Array(dsm.attach(Number(handle))!.buffer)
  const lock = dsm.lock(words, 0)
  const work = (): void => lock.acquire().release()
  warmUp(warmUpCount, work)
  return { answer: spanMs => countFor(Number(spanMs), work), close: () => dsm.close() }
}
