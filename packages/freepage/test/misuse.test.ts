/** Wrong arguments, double frees, lost buffers: refused before a byte is changed. */
import { describe, expect, test } from 'vitest'
import { FreePageError, FreePageManager, PAGE_SIZE } from '../src/index.js'
import { fresh, leavesOf, WORD } from './runs.js'

const invalid = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }
const outside = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }

/** Runs `act` on memory with a tree and expects that it throws and changes nothing. */
function refuses(act: (manager: FreePageManager) => void, error: object, checked = false) {
  const { buffer } = fresh(50)
  const manager = FreePageManager.initialize(buffer, 0, { checked })
  manager.put(10, 5)
  manager.put(20, 3) // page 10 is the root
  manager.put(30, 2)
  const before = buffer.slice(0)
  expect(() => act(manager)).toThrow(expect.objectContaining(error))
  expect(Buffer.compare(new Uint8Array(before), new Uint8Array(buffer))).toBe(0)
}

describe('arguments', () => {
  test.each([
    ['get of a string', (m: FreePageManager) => m.get('1' as never), invalid],
    ['get of nothing', (m: FreePageManager) => m.get(undefined as never), invalid],
    ['get of a bigint', (m: FreePageManager) => m.get(1n as never), invalid],
    ['get of half a page', (m: FreePageManager) => m.get(0.5), outside],
    ['get of fewer than no pages', (m: FreePageManager) => m.get(-1), outside],
    ['get of NaN', (m: FreePageManager) => m.get(Number.NaN), outside],
    ['put of bigints', (m: FreePageManager) => m.put(1n as never, 1n as never), invalid],
    ['put of a string', (m: FreePageManager) => m.put('1' as never, 1), invalid],
    ['put without a length', (m: FreePageManager) => m.put(1, undefined as never), invalid],
    ['put of the header', (m: FreePageManager) => m.put(0, 1), outside],
    ['put of no pages', (m: FreePageManager) => m.put(1, 0), outside],
    ['put at half a page', (m: FreePageManager) => m.put(1.5, 1), outside],
    ['put of half a page', (m: FreePageManager) => m.put(1, 1.5), outside],
    ['put of a negative page', (m: FreePageManager) => m.put(-4, 1), outside],
    ['put beyond the buffer', (m: FreePageManager) => m.put(51, 1), outside],
    ['put across the end of the buffer', (m: FreePageManager) => m.put(49, 3), outside],
    ['put of 2³² pages and one', (m: FreePageManager) => m.put(1, 2 ** 32 + 1), outside],
    ['put at page 2³² and one', (m: FreePageManager) => m.put(2 ** 32 + 1, 1), outside],
  ])('%s is refused', (_, act, error) => refuses(act, error))

  test('asking for no pages, or for more than there can be, finds none', () => {
    const { manager } = fresh(20)
    manager.put(1, 20)
    for (const npages of [0, -0, 21, 2 ** 20, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
      expect(manager.get(npages)).toBeNull()
    }
    expect(manager.largest).toBe(20)
    manager.check()
  })

  test.each([
    ['no buffer', [{}], invalid],
    ['a shared buffer', [new SharedArrayBuffer(8192)], invalid],
    ['a view', [new Uint8Array(8192)], invalid],
    ['an offset that is no number', [new ArrayBuffer(8192), '0'], invalid],
    ['a negative offset', [new ArrayBuffer(8192), -8], outside],
    ['an offset between words', [new ArrayBuffer(8192), 4], outside],
    ['no room for the header', [new ArrayBuffer(1095)], outside],
    ['no room for the header behind the offset', [new ArrayBuffer(8192), 7104], outside],
    ['options that are no object', [new ArrayBuffer(8192), 0, true], invalid],
    ['a mode that is no boolean', [new ArrayBuffer(8192), 0, { checked: 1 }], invalid],
  ])('neither initialize nor open takes %s', (_, parameters, error) => {
    const call = parameters as unknown as [ArrayBuffer, number]
    expect(() => FreePageManager.initialize(...call)).toThrow(expect.objectContaining(error))
    expect(() => FreePageManager.open(...call)).toThrow(expect.objectContaining(error))
  })

  test('a header alone is enough, and manages nothing', () => {
    const manager = FreePageManager.initialize(new ArrayBuffer(1096))
    expect([manager.get(1), manager.largest, manager.depth]).toEqual([null, 0, 0])
    expect(() => manager.put(1, 1)).toThrow(expect.objectContaining(outside))
    manager.check()
  })

  test('initialize writes 1,096 bytes and no other', () => {
    const bytes = new Uint8Array(3 * PAGE_SIZE).fill(0xaa)
    FreePageManager.initialize(bytes.buffer, 16)
    expect(bytes.subarray(0, 16).every(byte => byte === 0xaa)).toBe(true)
    expect(bytes.subarray(16, 16 + 1096).some(byte => byte === 0xaa)).toBe(false)
    expect(bytes.subarray(16 + 1096).every(byte => byte === 0xaa)).toBe(true)
  })
})

describe('pages put twice', () => {
  const corrupt = { name: 'FreePageError', code: 'DSM_CORRUPT' }
  test.each([
    ['a whole run', 20, 3],
    ['the end of a run', 22, 1],
    ['a run and pages behind it', 20, 5],
    ['pages before a run and its first', 28, 3],
    ['pages around a run', 28, 10],
    ['pages from one run to the next', 22, 9],
    ['pages that follow one run and reach into the next', 23, 8],
  ])('%s is refused, checked or not', (_, first, npages) => {
    refuses(manager => manager.put(first, npages), corrupt)
    refuses(manager => manager.put(first, npages), corrupt, true)
  })

  test.each([
    ['the same run', 10, 5],
    ['its middle', 12, 1],
    ['a run around it', 8, 9],
  ])('%s is refused while it is the only one', (_, first, npages) => {
    for (const checked of [false, true]) {
      const manager = FreePageManager.initialize(new ArrayBuffer(50 * 4096), 0, { checked })
      manager.put(10, 5)
      expect(() => manager.put(first, npages)).toThrow(FreePageError)
      expect(manager.dump()).toContain('single run: 10(5)\n')
    }
  })

  test('checked: a page of the tree is not the caller’s', () => {
    refuses(manager => manager.put(10, 1), corrupt, true)
    refuses(manager => manager.put(9, 2), corrupt, true)
  })

  test('checked: neither is a leaf of a deep tree, nor a recycled page', () => {
    const { buffer, words } = fresh(2000)
    const manager = FreePageManager.initialize(buffer, 0, { checked: true })
    for (let page = 4; page <= 1400; page += 4) manager.put(page, 1)
    for (const { page } of leavesOf(words)) expect(() => manager.put(page, 1)).toThrow(/bookkeep/)
    words.set([0xea4020f0 | 0, 0, 1, 0, 0, 0, 0, 0], 1990 * 1024)
    words[WORD.recycled] = 1990 * 4096 + 1
    words[WORD.recycledCount] = 1
    expect(() => manager.put(1989, 3)).toThrow(/page 1990 holds bookkeeping/)
    manager.check()
  })

  test('checked: what may be put, may be put', () => {
    const manager = FreePageManager.initialize(new ArrayBuffer(2001 * 4096), 0, { checked: true })
    for (let page = 4; page <= 2000; page += 4) manager.put(page, 1)
    for (let page = 1; page <= 2000; page += 4) manager.put(page, 3)
    expect([manager.largest, manager.depth]).toEqual([2000, 0])
  })
})

describe('bytes that change under the manager', () => {
  test('a detached buffer is an error of its own', () => {
    const { buffer, manager } = fresh(10)
    manager.put(1, 10)
    structuredClone(buffer, { transfer: [buffer] })
    const lost = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_STATE' })
    expect(() => manager.get(1)).toThrow(lost)
    expect(() => manager.put(1, 1)).toThrow(lost)
    expect(() => manager.check()).toThrow(lost)
    expect(() => manager.dump()).toThrow(lost)
    expect(() => manager.largest).toThrow(lost)
    expect(() => manager.depth).toThrow(lost)
  })

  test('an overwritten header is corruption', () => {
    const { words, manager } = fresh(10)
    manager.put(1, 10)
    words.fill(0, 0, 274)
    expect(() => manager.get(1)).toThrow(FreePageError)
  })

  test('a list that leads to a page that is not free is found before anything is changed', () => {
    const { buffer, words, manager } = fresh(50)
    manager.put(10, 5)
    manager.put(20, 3)
    words[WORD.list(2)] = 30 * 4096 + 1
    words.set([0xea4020f0 | 0, 0, 2, 0, 0, 0, 0, 0], 30 * 1024)
    const before = buffer.slice(0)
    expect(() => manager.get(2)).toThrow(expect.objectContaining({ invariant: 'F3' }))
    words[30 * 1024] = 0
    expect(() => manager.get(2)).toThrow(expect.objectContaining({ invariant: 'F3' }))
    words[30 * 1024] = 0xea4020f0 | 0
    expect(Buffer.compare(new Uint8Array(before), new Uint8Array(buffer))).toBe(0)
  })

  test('two managers over the same bytes see each other’s work', () => {
    const { buffer, manager } = fresh(20)
    const other = FreePageManager.open(buffer)
    manager.put(1, 20)
    expect(other.largest).toBe(20)
    expect(other.get(5)).toBe(1)
    other.put(1, 2)
    expect([manager.largest, manager.depth]).toEqual([14, 1]) // page 6 is the root
  })
})
