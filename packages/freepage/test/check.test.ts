/** What `check()`, `open()` and `dump()` make of damaged bytes. */
import { describe, expect, test } from 'vitest'
import { FreePageError, FreePageManager } from '../src/index.js'
import { randomFrom, SEED } from './random.js'
import { fresh, leavesOf, WORD } from './runs.js'

const pointer = (page: number) => page * 4096 + 1

/** A tree of depth 2 with a page on the recycle list, and runs on several lists. */
function deepTree() {
  const memory = fresh(2000)
  const { manager, words } = memory
  for (let page = 4; page <= 1400; page += 4) manager.put(page, 1)
  manager.put(1410, 3)
  manager.put(1420, 130)
  manager.put(1600, 140)
  manager.check()
  const [left, right] = leavesOf(words)
  const root = words[WORD.root]! >>> 12
  return { ...memory, root, left: left!, right: right! }
}

/** The same memory with one page more on the recycle list, which no put gave. */
function withRecycled() {
  const memory = deepTree()
  memory.words.set([0xea4020f0 | 0, 0, 1, 0, 0, 0, 0, 0], 1990 * 1024)
  memory.words[WORD.recycled] = pointer(1990)
  memory.words[WORD.recycledCount] = 1
  memory.manager.check()
  return memory
}

type Tree = ReturnType<typeof deepTree>
const damages: { invariant: string; what: string; damage: (memory: Tree) => void }[] = [
  {
    invariant: 'F1',
    what: 'a run touches the next',
    damage: ({ words, left }) => {
      const key = left.page * 1024 + 6
      words[key + 2] = 4
      words[left.firsts[0]! * 1024 + 2] = 4
    },
  },
  {
    invariant: 'F1',
    what: 'a run reaches beyond the buffer',
    damage: ({ words, right }) => {
      const key = right.page * 1024 + 6 + 4 * (right.firsts.length - 1)
      words[key + 2] = 1_000_000
    },
  },
  {
    invariant: 'F2',
    what: 'a leader without its magic number',
    damage: ({ words }) => {
      words[1410 * 1024] = 0
    },
  },
  {
    invariant: 'F2',
    what: 'a run on the wrong list',
    damage: ({ words }) => {
      words[WORD.list(7)] = pointer(1410)
      words[WORD.list(3)] = 0
    },
  },
  {
    invariant: 'F2',
    what: 'a back link that leads elsewhere',
    damage: ({ words }) => {
      words[1420 * 1024 + 4] = pointer(1410)
    },
  },
  {
    invariant: 'F3',
    what: 'a leader with another length than the key',
    damage: ({ words }) => {
      words[1410 * 1024 + 2] = 2
    },
  },
  {
    invariant: 'F3',
    what: 'a run that is on no list',
    damage: ({ words }) => {
      words[WORD.list(3)] = 0
    },
  },
  {
    invariant: 'F3',
    what: 'a list without end',
    damage: ({ words }) => {
      words[1420 * 1024 + 6] = pointer(1600)
    },
  },
  {
    invariant: 'F4',
    what: 'a page that is both free and recycled',
    damage: ({ words }) => {
      words[WORD.recycled] = pointer(1411)
      words.set([0xea4020f0 | 0, 0, 1, 0, 0, 0, 0, 0], 1411 * 1024)
      words[WORD.recycledCount] = 1
    },
  },
  {
    invariant: 'F5',
    what: 'a wrong longest run',
    damage: ({ words }) => {
      words[WORD.largest]!--
    },
  },
  {
    invariant: 'F5',
    what: 'the mark of an unknown longest run',
    damage: ({ words }) => {
      words[WORD.dirty] = 1
    },
  },
  {
    invariant: 'F6',
    what: 'keys that do not match the page above',
    damage: ({ words, root }) => {
      words[root * 1024 + 6 + 4]!++
    },
  },
  {
    invariant: 'F6',
    what: 'a parent that is another page',
    damage: ({ words, left, right }) => {
      words[left.page * 1024 + 4] = pointer(right.page)
    },
  },
  {
    invariant: 'F6',
    what: 'an impossible number of keys',
    damage: ({ words, left }) => {
      words[left.page * 1024 + 2] = 255
    },
  },
  {
    invariant: 'F6',
    what: 'a depth that is not the tree’s',
    damage: ({ words }) => {
      words[WORD.depth]!++
    },
  },
  {
    invariant: 'F6',
    what: 'a single run beside a tree',
    damage: ({ words }) => {
      words[WORD.singletonPages] = 3
    },
  },
  {
    invariant: 'F6',
    what: 'a high word that is not 0',
    damage: ({ words, left }) => {
      words[left.page * 1024 + 7] = 1
    },
  },
  {
    invariant: 'F7',
    what: 'a recycle list longer than its count',
    damage: ({ words }) => {
      words[WORD.recycledCount]!--
    },
  },
  {
    invariant: 'F7',
    what: 'a recycled page without its leader',
    damage: ({ words }) => {
      words[1990 * 1024 + 2] = 2
    },
  },
]

describe('check() names the invariant that does not hold', () => {
  test.each(damages)('$invariant: $what', ({ invariant, damage }) => {
    const memory = invariant === 'F7' ? withRecycled() : deepTree()
    damage(memory)
    expect(() => memory.manager.check()).toThrow(
      expect.objectContaining({ name: 'FreePageError', code: 'DSM_CORRUPT', invariant }),
    )
  })

  test('an untouched header, and an emptied one, are in order', () => {
    const { manager } = fresh(10)
    manager.check()
    manager.put(1, 10)
    manager.get(10)
    manager.check()
  })
})

describe('open() refuses what is no header', () => {
  const open = (words: Int32Array) => FreePageManager.open(words.buffer as ArrayBuffer)
  const cases: [string, (words: Int32Array) => void][] = [
    ['zeroes', words => words.fill(0)],
    ['ones', words => words.fill(-1)],
    ['another base', words => words.fill(4097, 0, 1)],
    ['a depth without a root', words => words.fill(0, WORD.root, WORD.root + 1)],
    ['a depth of 21', words => words.fill(21, WORD.depth, WORD.depth + 1)],
    ['a root that is no tree page', words => words.fill(pointer(1410), WORD.root, WORD.root + 1)],
    ['a root without keys', words => words.fill(0, (words[2]! >>> 12) * 1024 + 2).fill(1, 0, 1)],
    ['a recycle count without a list', words => words.fill(1, WORD.recycledCount, 8)],
    ['a list head outside of the buffer', words => words.fill(pointer(9999), WORD.list(5), 26)],
    ['a longest run of 2³² pages', words => words.fill(1, WORD.largest + 1, WORD.largest + 2)],
  ]
  test.each(cases)('%s', (_, damage) => {
    const { words } = deepTree()
    open(words)
    damage(words)
    expect(() => open(words)).toThrow(FreePageError)
  })

  test('a header whose other bytes are beyond the buffer', () => {
    const { buffer } = deepTree()
    expect(() => FreePageManager.open(buffer.slice(0, 200 * 4096))).toThrow(FreePageError)
  })
})

test(`random damage ends in a FreePageError or in nothing, and always ends (SEED=${SEED})`, () => {
  const random = randomFrom(SEED)
  const whole = deepTree().words
  const interesting = [0, 1, -1, 2, 255, 4097, pointer(1410), pointer(4), 0x7fffffff, -2147483647]
  const words = new Int32Array(whole.length)
  let refused = 0
  for (let round = 0; round < 2000; round++) {
    words.set(whole)
    for (let stores = 1 + random(4); stores > 0; stores--) {
      const page = random(3) === 0 ? 0 : random(2001)
      const at = page * 1024 + random(page === 0 ? 274 : 16)
      words[at] = random(2) === 0 ? interesting[random(interesting.length)]! : random(2 ** 32) | 0
    }
    for (const act of [(m: FreePageManager) => m.dump(), (m: FreePageManager) => m.check()]) {
      try {
        act(FreePageManager.open(words.buffer as ArrayBuffer))
      } catch (error) {
        if (!(error instanceof FreePageError)) throw error
        refused++
      }
    }
  }
  expect(refused).toBeGreaterThan(200)
})

test('dump() shows the header, the tree, the recycle list and the runs by length', () => {
  const { manager, words } = fresh(100)
  expect(manager.dump()).toBe('header: self 0, largest 0 (not settled)\nnothing free\n')
  manager.put(10, 5)
  expect(manager.dump()).toBe('header: self 0, largest 5\nsingle run: 10(5)\nlist of 5 pages: 10\n')
  manager.put(20, 3)
  manager.put(40, 3)
  expect(manager.dump().split('\n')).toEqual([
    'header: self 0, largest 4',
    'tree: depth 1',
    '  10@0 l: 11(4) 20(3) 40(3)',
    'list of 3 pages: 40 20',
    'list of 4 pages: 11',
    '',
  ])
  words[10 * 1024 + 4] = pointer(3)
  words[40 * 1024 + 2] = 9
  expect(manager.dump()).toContain('  10@0 l ! parent 3: 11(4)')
  expect(manager.dump()).toContain('list of 3 pages: 40(9)! 20\n')
})

test('an error is recognised across copies of the package, and keeps its code', () => {
  const error = new FreePageError('because', 'F2')
  expect(FreePageError.isInstance(error)).toBe(true)
  expect(FreePageError.isInstance(new Error('because'))).toBe(false)
  expect([error.code, error.invariant]).toEqual(['DSM_CORRUPT', 'F2'])
  expect(error.message).toContain('invariant F2: because')
})
