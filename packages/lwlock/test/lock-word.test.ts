/** The lock word's functions and tokens, one at a time. */
import { DsmError } from '@dsm/impl'
import { expect, test } from 'vitest'
import {
  abandon,
  byteOf,
  GENERATION_MAX,
  generationOf,
  MEMBER_MAX,
  memberOf,
  predecessorOf,
  release,
  takeContended,
  tokenOf,
  tryTake,
  tryTakeContended,
  WAITERS,
} from '../src/index.js'
import { interceptStores, memoryOracle } from '../src/testing.js'

const [a, b, c] = [tokenOf(0, 1), tokenOf(1, 1), tokenOf(MEMBER_MAX, GENERATION_MAX)]

function setUp() {
  const words = new Int32Array(4)
  const living = new Set([a, b, c])
  return { words, living, oracle: (token: number) => memoryOracle(token, living) }
}

test('a token is a positive int32 from which member, generation and byte can be read', () => {
  for (const member of [0, 1, MEMBER_MAX]) {
    for (const generation of [0, 1, GENERATION_MAX]) {
      const token = tokenOf(member, generation)
      expect(token).toBeGreaterThan(0)
      expect(token | 0).toBe(token)
      expect([memberOf(token), generationOf(token)]).toEqual([member, generation])
      expect(byteOf(token)).toBe(generation * 1024 + member)
    }
  }
  expect(predecessorOf(tokenOf(5, 7))).toBe(tokenOf(5, 6))
  expect(predecessorOf(tokenOf(5, 0))).toBe(tokenOf(5, GENERATION_MAX))
})

test('taken once, given back once', () => {
  const { words } = setUp()
  expect(tryTake(words, 2, a)).toBe(true)
  expect(tryTake(words, 2, b)).toBe(false)
  expect(words).toEqual(Int32Array.of(0, 0, a, 0))
  release(words, 2, a)
  expect(tryTake(words, 2, b)).toBe(true)
})

test('take and release are two stores, and no more', () => {
  const { words } = setUp()
  const seen: string[] = []
  using _ = interceptStores(words.buffer, (when, operation, index) => {
    seen.push(`${when} ${operation} ${index}`)
  })
  tryTake(words, 2, a)
  release(words, 2, a)
  const store = ['before compareExchange 2', 'after compareExchange 2']
  expect(seen).toEqual([...store, ...store])
})

test('a hook that throws cuts at the chosen store, and is gone when disposed', () => {
  const { words } = setUp()
  {
    using _ = interceptStores(words.buffer, when => {
      if (when === 'after') throw new Error('cut')
    })
    expect(() => tryTake(words, 0, a)).toThrow('cut')
    expect(words[0]).toBe(a)
  }
  release(words, 0, a)
  expect(words[0]).toBe(0)
})

test('release by anybody but the owner is DSM_CORRUPT and changes nothing', () => {
  for (const word of [0, a, a | WAITERS, WAITERS]) {
    const words = Int32Array.of(word)
    expect(() => release(words, 0, b)).toThrow(expect.objectContaining({ code: 'DSM_CORRUPT' }))
    expect(words[0]).toBe(word)
  }
})

test('a word that names no owner is DSM_CORRUPT, not waited for', () => {
  const { oracle } = setUp()
  for (const word of [WAITERS, 1 << 10, WAITERS | (5 << 10)]) {
    const words = Int32Array.of(word)
    expect(() => takeContended(words, 0, oracle(a), 50)).toThrow(
      expect.objectContaining({ code: 'DSM_CORRUPT' }),
    )
    expect(words[0]).toBe(word)
  }
})

test('a living owner is waited for to the deadline, then named, and keeps the lock', () => {
  const { words, oracle } = setUp()
  tryTake(words, 0, a)
  for (const timeoutMs of [0, 20]) {
    try {
      takeContended(words, 0, oracle(b), timeoutMs)
      expect.unreachable()
    } catch (error) {
      expect(DsmError.isInstance(error) && error.code).toBe('DSM_LOCK_TIMEOUT')
      expect((error as Error).message).toContain('member 0, generation 1')
    }
  }
  expect(tryTakeContended(words, 0, oracle(b))).toBeNull()
  expect(words[0]! & ~WAITERS).toBe(a)
  release(words, 0, a)
})

test('a dead owner’s lock is recovered, at once where the caller will not wait', () => {
  const { words, living, oracle } = setUp()
  tryTake(words, 0, a)
  living.delete(a)
  expect(takeContended(words, 0, oracle(b), 0)).toBe('recovered')
  living.delete(b)
  expect(tryTakeContended(words, 0, oracle(c))).toBe('recovered')
  release(words, 0, c)
  expect(takeContended(words, 0, oracle(c))).toBe('taken')
})

test('the own token is reported and left alone; earlier ones of the place are dead unasked', () => {
  const { words, oracle } = setUp()
  tryTake(words, 0, a)
  expect(takeContended(words, 0, oracle(a))).toBe('own')
  expect(tryTakeContended(words, 0, oracle(a))).toBe('own')
  const reborn = tokenOf(0, 2)
  expect(takeContended(words, 0, oracle(reborn))).toBe('recovered')
  release(words, 0, reborn)
})

test('an abandoned lock is recovered by whoever comes next, its owner included', () => {
  const { words, oracle } = setUp()
  for (const next of [a, b]) {
    tryTake(words, 0, a)
    expect(abandon(words, 0, a)).toBe(true)
    expect(abandon(words, 0, a)).toBe(false)
    expect(takeContended(words, 0, oracle(next))).toBe('recovered')
    release(words, 0, next)
  }
})

test('the memory oracle refuses to be asked about itself', () => {
  const { oracle } = setUp()
  expect(() => oracle(a).isDead(a)).toThrow('asked about itself')
  expect(() => memoryOracle(0, new Set())).toThrow(RangeError)
})
