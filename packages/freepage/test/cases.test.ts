/** The cases 115 to 124 of the specification's list, under their numbers. */
import { describe, expect, test } from 'vitest'
import { FreePageError, FreePageManager } from '../src/index.js'
import { runRandom } from './model.js'
import { SEED } from './random.js'
import { fresh, leavesOf, runsOf, WORD } from './runs.js'

describe('case 115: the root page is not lost', () => {
  test('case 115: the last run of a root leaf is taken, and the root page is free again', () => {
    const { buffer, manager } = fresh(30)
    manager.put(10, 1)
    manager.put(20, 3)
    expect(manager.depth).toBe(1)
    expect(manager.get(3)).toBe(20)
    expect(runsOf(buffer)).toEqual(['10(1)'])
    expect([manager.largest, manager.depth]).toEqual([1, 0])
  })

  test(`case 115: 255 pages survive 300,000 calls of 1 to 3 pages (SEED=${SEED})`, () => {
    const run = { pages: 255, longest: 3, operations: 300_000, walkEvery: 50, compared: 9 }
    runRandom(FreePageManager, { ...run, seed: SEED + 115 }) // ends with one run of 255 pages
  })
})

test('case 116: a page between two runs makes one of three', () => {
  const { buffer, manager } = fresh(10)
  manager.put(1, 1)
  manager.put(3, 1)
  manager.put(2, 1)
  expect(runsOf(buffer)).toEqual(['1(3)'])
  expect([manager.largest, manager.depth]).toEqual([3, 0])
})

describe('case 117: merging with neighbours', () => {
  test('case 117: a single run grows at its end, at its start, or is joined by a second', () => {
    const { buffer, manager } = fresh(40)
    manager.put(10, 5)
    manager.put(15, 2)
    expect(runsOf(buffer)).toEqual(['10(7)'])
    manager.put(7, 3)
    expect(runsOf(buffer)).toEqual(['7(10)'])
    manager.put(20, 4)
    expect(runsOf(buffer)).toEqual(['8(9)', '20(4)']) // page 7 became the root
    manager.put(17, 3)
    expect(runsOf(buffer)).toEqual(['7(17)']) // both sides, and the root page at the edge
    expect(manager.depth).toBe(0)
  })

  test('case 117: in a tree of one leaf, left, right, both and neither', () => {
    const { buffer, manager } = fresh(60)
    for (const page of [10, 20, 30, 40]) manager.put(page, 2)
    expect(runsOf(buffer)).toEqual(['11(1)', '20(2)', '30(2)', '40(2)']) // 10 is the root
    manager.put(22, 3)
    manager.put(28, 2)
    manager.put(50, 1)
    expect(runsOf(buffer)).toEqual(['11(1)', '20(5)', '28(4)', '40(2)', '50(1)'])
    manager.put(25, 3)
    expect(runsOf(buffer)).toEqual(['11(1)', '20(12)', '40(2)', '50(1)'])
    expect([manager.largest, manager.depth]).toEqual([12, 1])
  })

  const border = () => {
    const memory = fresh(4000)
    for (let page = 4; page <= 2400; page += 4) memory.manager.put(page, 1)
    expect(memory.manager.depth).toBe(2)
    const leaves = leavesOf(memory.words)
    const right = leaves.findIndex((leaf, index) => {
      return index > 0 && leaf.firsts[0]! - leaves[index - 1]!.firsts.at(-1)! === 4
    })
    const last = leaves[right - 1]!.firsts.at(-1)!
    return { ...memory, before: runsOf(memory.buffer), last, next: last + 4 }
  }
  const changed = (before: string[], remove: string[], add: string) => {
    const place = before.indexOf(remove[0]!)
    return [...before.slice(0, place), add, ...before.slice(place + remove.length)]
  }

  test('case 117: the last run of a leaf grows at its end', () => {
    const { buffer, manager, before, last } = border()
    manager.put(last + 1, 2)
    expect(runsOf(buffer)).toEqual(changed(before, [`${last}(1)`], `${last}(3)`))
  })

  test('case 117: the first run of the next leaf grows at its start', () => {
    const { buffer, manager, before, next } = border()
    manager.put(next - 2, 2)
    expect(runsOf(buffer)).toEqual(changed(before, [`${next}(1)`], `${next - 2}(3)`))
  })

  test('case 117: a run closes the gap between two leaves', () => {
    const { buffer, manager, before, last, next } = border()
    manager.put(last + 1, 3)
    const both = [`${last}(1)`, `${next}(1)`]
    expect(runsOf(buffer)).toEqual(changed(before, both, `${last}(5)`))
    expect(manager.largest).toBe(5)
  })

  test('case 117: a run between two leaves that touches neither is one of its own', () => {
    const { buffer, manager, before, last } = border()
    manager.put(last + 2, 1)
    const kept = [`${last}(1)`]
    const expected = changed(before, kept, `${last}(1)`)
    expected.splice(expected.indexOf(`${last}(1)`) + 1, 0, `${last + 2}(1)`)
    expect(runsOf(buffer)).toEqual(expected)
  })

  test('case 117: in the middle of a leaf of a deep tree, left, right and both', () => {
    const { buffer, words, manager, before } = border()
    const { firsts } = leavesOf(words)[0]!
    const page = firsts[10]!
    manager.put(page + 1, 1)
    expect(runsOf(buffer)).toEqual(changed(before, [`${page}(1)`], `${page}(2)`))
    manager.put(page - 1, 1)
    expect(runsOf(buffer)).toEqual(changed(before, [`${page}(1)`], `${page - 1}(3)`))
    manager.put(page + 2, 2)
    const three = [`${page}(1)`, `${page + 4}(1)`]
    expect(runsOf(buffer)).toEqual(changed(before, three, `${page - 1}(6)`))
  })
})

describe('case 118: the border between the last two lists', () => {
  const three = () => {
    const memory = fresh(700)
    memory.manager.put(1, 1) // becomes the root
    memory.manager.put(10, 128)
    memory.manager.put(200, 129)
    memory.manager.put(400, 200)
    return memory
  }

  test('case 118: 128, 129 and 130 pages come from runs of 128, 129 and 200', () => {
    const { buffer, manager } = three()
    expect([manager.get(128), manager.get(129), manager.get(130)]).toEqual([10, 200, 400])
    expect(runsOf(buffer)).toEqual(['530(70)'])
    expect(manager.largest).toBe(70)
  })

  test('case 118: the same in the other order', () => {
    const { buffer, manager } = three()
    expect([manager.get(130), manager.get(129), manager.get(128)]).toEqual([400, 200, 10])
    expect(runsOf(buffer)).toEqual(['530(70)'])
    expect(manager.get(128)).toBeNull()
  })

  test('case 118: a run is on the list of its exact length up to 128, then on the last', () => {
    const { words } = three()
    expect(words[WORD.list(128)]).toBe(10 * 4096 + 1)
    expect(words[WORD.list(129)]).toBe(400 * 4096 + 1)
    expect(words[400 * 1024 + 6]).toBe(200 * 4096 + 1) // next
    expect(words[200 * 1024 + 4]).toBe(400 * 4096 + 1) // prev
  })
})

describe('case 119: best fit among long runs', () => {
  const two = (older = [10, 500], newer = [600, 200]) => {
    const memory = fresh(1000)
    for (const [first, npages] of [[1, 1], older, newer]) memory.manager.put(first!, npages!)
    return memory
  }

  test('case 119: 150 pages are taken from the run of 200, not from that of 500', () => {
    const { buffer, manager } = two()
    expect(manager.get(150)).toBe(600)
    expect(runsOf(buffer)).toEqual(['10(500)', '750(50)'])
  })

  test('case 119: of two, the shorter sufficient one is found in either order of the list', () => {
    const { manager } = two()
    expect(manager.get(400)).toBe(10)
    expect(manager.get(150)).toBe(600)
    expect(two([600, 200], [10, 500]).manager.get(150)).toBe(600)
  })

  test('case 119: an exact fit ends the scan', () => {
    const endless = () => {
      const memory = two()
      memory.words[10 * 1024 + 6] = 600 * 4096 + 1 // after the last run comes the first again
      return memory.manager
    }
    expect(endless().get(200)).toBe(600)
    expect(() => endless().get(199)).toThrow(FreePageError)
  })
})

test('case 120: the longest run is taken, and an equal one or the next is the longest', () => {
  const { manager } = fresh(600)
  manager.put(1, 1)
  manager.put(10, 129)
  manager.put(200, 129)
  manager.put(400, 50)
  expect(manager.largest).toBe(129)
  manager.get(129)
  expect(manager.largest).toBe(129)
  manager.get(129)
  expect(manager.largest).toBe(50)
  manager.get(50)
  expect(manager.largest).toBe(1)
})

describe('case 121: a page that leaves the tree is freed only if that needs no page', () => {
  /** Leaf 1 with 84 runs, one of them of 3 pages; leaf 2 to the right of it with 171. */
  const almostFull = () => {
    const memory = fresh(4000)
    const { manager, words } = memory
    for (let page = 4; page <= 2400; page += 4) manager.put(page, 1)
    const [, left, right] = leavesOf(words)
    const joinable = (first: number, index: number, firsts: number[]) =>
      index % 2 === 0 && firsts[index + 1] === first + 4
    const pairs = left!.firsts.filter(joinable).slice(0, left!.firsts.length - 84)
    for (const page of pairs) manager.put(page + 1, 3)
    const alone = left!.firsts.filter(page => !pairs.some(first => page - first <= 4)).at(-1)!
    manager.put(alone + 1, 2)
    for (const page of right!.firsts.slice(0, 171 - right!.firsts.length)) manager.put(page + 2, 1)
    const sizes = leavesOf(words).map(leaf => leaf.firsts.length)
    expect(sizes.slice(1, 3)).toEqual([84, 171])
    expect(words[WORD.recycledCount]).toBe(0)
    return { ...memory, alone, emptied: right!.page }
  }

  test('case 121: joined leaves that are full leave their second page on the recycle list', () => {
    const { manager, words, alone, emptied } = almostFull()
    expect(manager.get(3)).toBe(alone)
    manager.check()
    expect(leavesOf(words)[1]!.firsts.length).toBe(254)
    expect(words[WORD.recycledCount]).toBe(1)
    expect(words[WORD.recycled]).toBe(emptied * 4096 + 1)
    expect(manager.dump()).toContain(`recycled, 1: ${emptied}\n`)
  })

  test('case 121: it becomes free as soon as the leaf has room', () => {
    const { manager, words, buffer, emptied } = almostFull()
    manager.get(3)
    const { firsts } = leavesOf(words)[1]!
    const gap = firsts.findIndex((first, index) => firsts[index + 1] === first + 2)
    manager.put(firsts[gap]! + 1, 1)
    expect(words[WORD.recycledCount]).toBe(0)
    expect(runsOf(buffer)).toContain(`${emptied}(1)`)
  })
})

describe('case 122: splitting up to the root', () => {
  /** A root leaf that holds 254 runs, and nothing recycled. */
  const fullRoot = () => {
    const memory = fresh(1000)
    let page = 1
    const used = () => memory.words[(memory.words[WORD.root]! >>> 12) * 1024 + 2]
    for (; memory.manager.depth === 0 || used() !== 254; page += 2) memory.manager.put(page, 1)
    expect(memory.words[WORD.recycledCount]).toBe(0)
    return { ...memory, page }
  }

  test('case 122: the pages for sibling and root are taken from what is free', () => {
    const { buffer, words, manager, page } = fullRoot()
    manager.put(page, 1)
    expect(words[WORD.recycledCount]).toBe(2)
    expect(runsOf(buffer)).toHaveLength(253) // two of 254 gave way, so this one had room
    manager.put(page + 2, 1)
    expect(manager.depth).toBe(1)
    manager.put(page + 4, 1)
    expect(manager.depth).toBe(2)
    expect(words[WORD.recycledCount]).toBe(0)
    expect(runsOf(buffer)).toHaveLength(255)
  })

  test('case 122: without any page to be had the put fails as corruption', () => {
    const { manager, words, page } = fullRoot()
    words.fill(0, WORD.list(1), WORD.list(129) + 2)
    const put = () => manager.put(page, 1)
    expect(put).toThrow(FreePageError)
    expect(put).toThrow(expect.objectContaining({ code: 'DSM_CORRUPT' }))
  })
})

test('case 123: bytes copied to another address go on as the original does', () => {
  const { buffer, manager } = fresh(600)
  manager.put(1, 600)
  const held = Array.from({ length: 200 }, () => manager.get(2)!)
  for (const [index, page] of held.entries()) if (index % 3 !== 0) manager.put(page, 2)
  const offset = 8 * 77
  const copy = new Uint8Array(offset + buffer.byteLength)
  copy.set(new Uint8Array(buffer), offset)
  const moved = FreePageManager.open(copy.buffer, offset)
  for (let npages = 1; npages <= 30; npages++) expect(moved.get(npages)).toBe(manager.get(npages))
  for (const [index, page] of held.entries()) {
    if (index % 3 !== 0) continue
    manager.put(page, 2)
    moved.put(page, 2)
  }
  expect(Buffer.compare(copy.subarray(offset), new Uint8Array(buffer))).toBe(0)
})

test('case 124: a relative pointer is the offset plus one, so the base is not null', () => {
  const { words, manager } = fresh(10)
  expect([words[0], words[1]]).toEqual([1, 0]) // the header itself, at offset 0
  manager.put(1, 10)
  expect(words[WORD.list(10)]).toBe(4097)
  expect(manager.get(3)).toBe(1)
  expect(words[WORD.list(7)]).toBe(4 * 4096 + 1)
})
