/** The timer of a member that cannot sweep: it is leaving, or its sweep fails. */
import { DsmError } from '@dsm/impl'
import { afterEach, expect, test, vi } from 'vitest'
import { unmapLife } from '../src/life.js'
import { Sweeper } from '../src/sweeper.js'
import { LocalGroup } from './local-group.js'

afterEach(() => {
  vi.useRealTimers()
})

test('it stops, as there is nothing to sweep any more', () => {
  const stage = new LocalGroup()
  const mine = stage.open()
  vi.useFakeTimers()
  const sweeper = new Sweeper(mine.life, mine.member, () => undefined)
  vi.advanceTimersByTime(3_000)
  expect(vi.getTimerCount()).toBe(1)
  unmapLife(mine.life)
  vi.advanceTimersByTime(3_000)
  expect(vi.getTimerCount()).toBe(0)
  sweeper.stop()
  stage.end()
})

test('one whose sweep fails does not keep the others from theirs', () => {
  const stage = new LocalGroup()
  const [ailing, well] = [stage.open(), stage.open()]
  vi.useFakeTimers()
  vi.spyOn(ailing.member, 'sweep').mockImplementation(() => {
    throw new DsmError('DSM_IO', 'no descriptor', { op: 'lock' })
  })
  const swept = vi.spyOn(well.member, 'sweep')
  const sweepers = [ailing, well].map(({ life, member }) => {
    return new Sweeper(life, member, () => undefined) // the ailing one is always the first
  })
  vi.advanceTimersByTime(3_000)
  expect(swept).toHaveBeenCalledTimes(3)
  for (const sweeper of sweepers) sweeper.stop()
  stage.end()
})
