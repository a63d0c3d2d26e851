/** Every case has a test, every claim has a case, and the page says what is so. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readMutants } from '../src/mutant.js'
import { pageOf } from '../src/page.js'
import { cases } from '../src/table.js'
import { claimsIn, parseTitle, titlesIn } from '../src/titles.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const claims = claimsIn(root)
const claimed = new Set(claims.flatMap(({ numbers }) => numbers))
const { mutants, results } = readMutants(root)
const numbers = cases.map(({ number }) => number)

test('the table has the cases 1 to 124 and 137, each once, in order', () => {
  expect(numbers).toEqual([...Array.from({ length: 124 }, (_, n) => n + 1), 137])
  const reasons = cases.filter(({ differs, never }) => differs !== undefined && never !== undefined)
  expect(reasons).toEqual([])
})

test('every case is claimed by a test', () => {
  expect(numbers.filter(number => !claimed.has(number))).toEqual([])
})

test('every claim is of a case in the table', () => {
  const known = new Set(numbers)
  expect(claims.filter(claim => claim.numbers.some(number => !known.has(number)))).toEqual([])
})

test('every claim has a sentence', () => {
  expect(claims.filter(({ sentence }) => sentence.length < 10)).toEqual([])
})

test('docs/conformance.md says what is so; if not: npm run write in tooling/cases', async () => {
  const page = pageOf(cases, claims, results)
  await expect(page).toMatchFileSnapshot(join(root, 'docs/conformance.md'))
})

test('the last run of the mutants was of these mutants; if not: npm run mutants', () => {
  expect(results.map(({ caught, ...mutant }) => mutant)).toEqual(mutants)
})

test('what a mutant spoils is still there, once; if not: the list, then npm run mutants', () => {
  const gone = mutants.filter(({ package: name, file, from }) => {
    const text = readFileSync(join(root, 'packages', name, file), 'utf8')
    return text.split(from).length !== 2
  })
  expect(gone).toEqual([])
})

test('at least 30 cases have a mutant that their test caught', () => {
  const guarded = results.filter(({ caught }) => caught).map(result => result.case)
  expect(new Set(guarded).size).toBeGreaterThanOrEqual(30)
})

test('the numbers of a title', () => {
  expect(parseTitle('case 64: newest first')).toEqual({ numbers: [64], sentence: 'newest first' })
  expect(parseTitle('cases 59 and 60: both')?.numbers).toEqual([59, 60])
  expect(parseTitle('cases 11 to 14: bad')?.numbers).toEqual([11, 12, 13, 14])
  expect(parseTitle('cases 99, 104 and 106: x')?.numbers).toEqual([99, 104, 106])
  expect(parseTitle('case 113, V1: cutting')).toEqual({ numbers: [113], sentence: 'V1: cutting' })
  expect(parseTitle('a case 3: of something')).toBe(null)
  expect(parseTitle('0 (case 36)')).toBe(null)
})

test('titles are found in calls, in rows, and nowhere else', () => {
  const source = `
    const ROWS = [['case 1: a', f], ['case 2: b', g]]
    // test('case 3: in a comment')
    describe.each(ROWS)('%s', (_, h) => { test('plain', () => {}) })
    test.each(['x'])('case 4: one of %d', () => say('case 5: said'))
    test.skipIf(why)(\`case 6: \${text} end\`, () => {})
  `
  const titles = ['case 1: a', 'case 2: b', 'plain', 'case 4: one of %d', 'case 6: … end']
  expect(titlesIn('a.test.ts', source)).toEqual(titles)
})
