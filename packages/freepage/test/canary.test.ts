/**
 * Do the tests see faults? Each canary is the package's own source with one line changed, compiled
 * into a folder of its own; the model, or the images where the fault only bends the tree, must
 * object. A canary whose line is gone from the source fails, so that none dies unnoticed.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FreePageManager } from '../src/index.js'
import { computeImages, imageSeries } from './images.js'
import { runRandom } from './model.js'
import { SEED } from './random.js'

interface Canary {
  what: string
  file: string
  line: string
  fault: string
  seenBy: 'random calls' | 'images'
}

const canaries: Canary[] = [
  {
    what: 'runs of some lengths go on the wrong list',
    file: 'span-lists.ts',
    line: 'npages < Limit.lists ? npages - 1 :',
    fault: 'npages < Limit.lists ? npages - (npages === 3 ? 2 : 1) :',
    seenBy: 'random calls',
  },
  {
    what: 'the run after an unlinked one keeps its link back',
    file: 'span-lists.ts',
    line: 'w[choose(next, leaderWord(next) | Span.prev, at | Span.prev)] = prev',
    fault: '',
    seenBy: 'random calls',
  },
  {
    what: 'the root page is forgotten with its last key, as PostgreSQL does',
    file: 'tree-remove.ts',
    line: '    w[Header.depth] = 0\n    pushRecycled(w, node)',
    fault: '    w[Header.depth] = 0',
    seenBy: 'random calls',
  },
  {
    what: 'of many keys that move up the last stays behind',
    file: 'tree-keys.ts',
    line: 'w.copyWithin(at + Key.words, at, end)',
    fault: 'w.copyWithin(at + Key.words, at, end - Key.words)',
    seenBy: 'random calls',
  },
  {
    what: 'of many keys that move down the last stays behind',
    file: 'tree-keys.ts',
    line: 'w.copyWithin(at, at + Key.words, end + Key.words)',
    fault: 'w.copyWithin(at, at + Key.words, end)',
    seenBy: 'random calls',
  },
  {
    what: 'the search skips the last quarter',
    file: 'tree-search.ts',
    line: 'count = (count - quarter * 3) | 0',
    fault: 'count = (count - quarter * 3 - 1) | 0',
    seenBy: 'random calls',
  },
  {
    what: 'a page joined into its neighbour leaks',
    file: 'tree-remove.ts',
    line: 'deleteKey(w, link)\n  pushRecycled(w, node)',
    fault: 'deleteKey(w, link)',
    seenBy: 'random calls',
  },
  {
    what: 'tree pages with few keys are not joined',
    file: 'tree-remove.ts',
    line: 'if (used >= Limit.keysLow) return',
    fault: 'if (used >= 0) return',
    seenBy: 'images',
  },
  {
    what: 'left and right neighbour are swapped when pages are joined',
    file: 'tree-remove.ts',
    line: 'moveKeys(w, right, 0, node)\n    removeNode(w, right)',
    fault: 'moveKeys(w, node, 0, right)\n    removeNode(w, node)',
    seenBy: 'random calls',
  },
  {
    what: 'the neighbour in the next leaf is not looked for',
    file: 'give-run.ts',
    line: 'return right === 0 ? 0 : firstKey(right)',
    fault: 'return 0',
    seenBy: 'random calls',
  },
  {
    what: 'of three runs that grow together the last stays on its list',
    file: 'give-run.ts',
    line: 'unlistRun(w, w[next + Key.first]!)\n  }',
    fault: '}',
    seenBy: 'random calls',
  },
  {
    what: 'the first key above is not renewed',
    file: 'take-run.ts',
    line: 'if (at === firstKey(at >>> Shift.wordsPerPage))',
    fault: 'if (at === 0)',
    seenBy: 'random calls',
  },
  {
    what: 'a link is looked for beyond the keys in use',
    file: 'tree-search.ts',
    line: 'return at < end && ',
    fault: 'return ',
    seenBy: 'random calls',
  },
  {
    what: 'after a split the key goes to the wrong half',
    file: 'tree-insert.ts',
    line: 'key < w[firstKey(right)]! ? node : right',
    fault: 'right',
    seenBy: 'random calls',
  },
  {
    what: 'a split gives the new page the larger half of an odd number',
    file: 'tree-insert.ts',
    line: 'used - (used >>> 1)',
    fault: '(used >>> 1) - 1',
    seenBy: 'images',
  },
  {
    what: 'the longest run is not counted afresh',
    file: 'take-run.ts',
    line: 'size >= Limit.lists ||',
    fault: '',
    seenBy: 'random calls',
  },
  {
    what: 'a recycled page is freed even where the tree must grow for it',
    file: 'clean-up.ts',
    line: 'giveRun(w, page, 1, true)',
    fault: 'giveRun(w, page, 1, false)',
    seenBy: 'images',
  },
  {
    what: 'the best of the long runs is the first that suffices',
    file: 'span-lists.ts',
    line: 'bestPages = pages',
    fault: 'break',
    seenBy: 'images',
  },
]

const source = new URL('../src/', import.meta.url)
const compiled = new Map<string, string>()
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'freepage-canary-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const file of readdirSync(source)) compiled.set(file, toJs(read(file)))
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (file: string) => readFileSync(new URL(file, source), 'utf8')

function toJs(text: string): string {
  const options = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 }
  return transpileModule(text, { compilerOptions: options }).outputText
}

/** The manager of the source with one line changed; unchanged without a canary. */
async function load(name: string, canary?: Canary): Promise<typeof FreePageManager> {
  const target = join(folder, name)
  mkdirSync(target)
  for (const [file, js] of compiled) writeFileSync(join(target, file.replace('.ts', '.js')), js)
  if (canary) {
    const text = read(canary.file)
    expect(text.split(canary.line), `"${canary.line}" once in ${canary.file}`).toHaveLength(2)
    const faulty = toJs(text.replace(canary.line, () => canary.fault))
    writeFileSync(join(target, canary.file.replace('.ts', '.js')), faulty)
  }
  const url = pathToFileURL(join(target, 'index.js')).href
  return (await import(/* @vite-ignore */ url)).FreePageManager
}

function runModel(Manager: typeof FreePageManager): void {
  const some = { seed: SEED, compared: 9 }
  runRandom(Manager, { ...some, pages: 10, longest: 3, operations: 20_000, walkEvery: 1 })
  runRandom(Manager, { ...some, pages: 255, longest: 3, operations: 5_000, walkEvery: 1 })
  runRandom(Manager, { ...some, pages: 4_000, longest: 200, operations: 10_000, walkEvery: 10 })
  const deep = { pages: 1_500, longest: 4, operations: 2_000, walkEvery: 8, compared: 9 }
  for (let seed = SEED; seed < SEED + 12; seed++) {
    runRandom(Manager, { ...deep, seed, scattered: seed % 2 === 0 ? 'rising' : 'shuffled' })
  }
}

function compareImages(Manager: typeof FreePageManager): void {
  for (const series of imageSeries.slice(0, 3)) {
    expect(computeImages(Manager, series)).toEqual(series.expected)
  }
}

describe(`canaries (SEED=${SEED})`, () => {
  test('the unchanged source passes', async () => {
    const Manager = await load('unchanged')
    runModel(Manager)
    compareImages(Manager)
  })

  for (const [index, canary] of canaries.entries()) {
    test(`the ${canary.seenBy} see it when ${canary.what}`, async () => {
      const Manager = await load(String(index), canary)
      const look = canary.seenBy === 'random calls' ? runModel : compareImages
      expect(() => look(Manager)).toThrow()
    })
  }
})
