/** The timer of a member whose leaving was cut after the life was unmapped. */
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
