/** How many stores to shared memory an operation makes: each is time, and a state to survive. */
import { expect, test } from 'vitest'
import { setStoreTrap } from '../src/shared-words.js'
import { LocalGroup } from './local-group.js'

function storesOf(work: () => void): number {
  let stores = 0
  setStoreTrap(() => stores++)
  try {
    work()
  } finally {
    setStoreTrap(null)
  }
  return stores
}

test('a page of the main region is made in 16 stores and let go of in 9, attached in 3 and 3', () => {
  const stage = new LocalGroup()
  const [one, two] = [stage.open({ mainRegionSize: 1 << 20 }), stage.open()]
  one.member.detach(one.member.create(4096)!)
  const made = one.member.create(4096)!
  two.member.detach(two.member.attach(made.handle)!) // has made the tree of free pages anew
  let segment = made
  const attach = (): void => {
    segment = two.member.attach(made.handle)!
  }
  expect(storesOf(attach)).toBe(3)
  expect(storesOf(() => two.member.detach(segment))).toBe(3)
  expect(storesOf(() => one.member.detach(made))).toBe(9)
  expect(storesOf(() => one.member.create(4096))).toBe(16)
  stage.end()
})
