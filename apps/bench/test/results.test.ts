/** What becomes of samples: figures, verdicts, tables, plots, files. Nothing is measured here. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { latencyOf } from '../src/latency.js'
import { programFile } from '../src/programs.js'
import { isMet, type RaceResult, run, type Side } from '../src/race.js'
import { trials } from '../src/registry.js'
import { figure, goalText, times } from '../src/report/figures.js'
import { linesOf } from '../src/report/lines.js'
import { asMarkdown } from '../src/report/markdown.js'
import { asPage } from '../src/report/page.js'
import { plotOf } from '../src/report/plots.js'
import { publish } from '../src/report/publish.js'
import { asTable } from '../src/report/table.js'
import { machine, merge, type Session } from '../src/session.js'
import { median, quantile, range, spread } from '../src/statistics.js'

const side = (name: string, ns: number | null, more: Partial<Side> = {}): Side => ({
  name,
  at: null,
  median: ns,
  spread: ns === null ? null : 0.1,
  samples: 3,
  latency: null,
  failed: ns === null ? 'not installed' : null,
  ...more,
})

/** Ours against one that worked and one that did not. */
const result = (ratio: number, race = 'hand 64 MiB over, first byte read'): RaceResult => ({
  trial: 'hand-over',
  race,
  what: `the work <${race}>`,
  unit: 'ns',
  axis: null,
  sides: [
    side('ours', 1000 * ratio, { latency: latencyOf([900, 1000, 5000]) }),
    side('theirs', 1000),
    side('absent', null),
    side('alone', 70),
  ],
  verdicts: [verdict('theirs', ratio, 500), verdict('absent', null, null)],
})

const verdict = (
  theirs: string,
  ratio: number | null,
  difference: number | null,
): RaceResult['verdicts'][number] => ({
  ours: 'ours',
  theirs,
  goal: { times: 1.2 },
  ratio,
  ratioSpread: null,
  difference,
  met: null,
})

const session = (...races: RaceResult[][]): Session => ({
  machine: machine(null, 0.5),
  commit: 'abc',
  date: '2026-01-01 00:00 UTC',
  scale: 'quick',
  seconds: 3,
  races,
})

test('median, quantile, spread and range', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
  expect(spread([5, 5, 5])).toBe(0)
  expect(range([1, 2, 3])).toBe(1)
})

test('a distribution keeps its tail', () => {
  const { count, p50, p99, max } = latencyOf([...Array(99).fill(100), 1_000_000])
  expect([count, p50, p99, max]).toEqual([100, 100, 100, 1_000_000])
})

test('a goal is a ratio, a sum or a rate', () => {
  expect([isMet({ times: 1.2 }, 1.2, 0), isMet({ times: 1.2 }, 1.3, 0)]).toEqual([true, false])
  expect([isMet({ plusNs: 10 }, 9, 10), isMet({ plusNs: 10 }, 9, 11)]).toEqual([true, false])
  expect([isMet({ rate: 0.5 }, 2, 0), isMet({ rate: 0.5 }, 2.1, 0)]).toEqual([true, false])
  expect(isMet(null, 1, 0)).toBeNull()
})

test('figures are in units that people read', () => {
  expect(figure(1234, 'ns')).toBe('1.23 µs')
  expect(figure(2 ** 28, 'bytes')).toBe('256 MiB')
  expect(figure(0.5, 'share')).toBe('50 %')
  expect([times(1.2), times(1 / 1000)]).toEqual(['1.20 ×', '1/1,000'])
  expect(goalText({ plusNs: 10_000 })).toBe('≤ + 10.0 µs')
})

test('runs become the median of runs, each run beside it, and what failed says why', () => {
  const lines = linesOf([result(1), result(1.1), result(1.5)])
  const [compared, failed, alone] = lines
  expect(lines).toHaveLength(3)
  expect(compared).toMatchObject({
    ratio: '1.10 ×',
    verdict: 'met',
    theirsFigure: '1.00 µs ± 10 %',
  })
  expect(compared?.runs).toBe('1.00 ×, 1.10 ×, 1.50 ×')
  expect(failed).toMatchObject({ ratio: '–', verdict: 'absent: not installed' })
  expect(alone).toMatchObject({ ours: 'alone', oursFigure: '70.0 ns ± 10 %', ratio: '' })
})

test('the table, RESULTS.md and the page have every comparison; the page escapes and is whole', () => {
  const measured = session([result(2)])
  for (const text of [asTable(measured), asMarkdown([measured]), asPage([measured])]) {
    expect(text).toContain('2.00 ×')
    expect(text).toContain('load 0.5 before')
    expect(text).toContain('absent: not installed')
  }
  expect(asMarkdown([measured])).toContain('p99.9')
  const page = asPage([measured])
  expect(page).toContain('the work &lt;hand 64 MiB over, first byte read&gt;')
  expect(page).not.toMatch(/<script|<link|src=/)
})

test('a plot has bars, or a line over an axis, and nothing where there is nothing to draw', () => {
  expect(plotOf([result(1)])).toMatch(/^<svg .*xmlns=.*<rect/s)
  const axis = {
    ...result(1),
    axis: 'members',
    sides: [1, 2, 4].map(at => side(`${at}`, at, { at })),
  }
  expect(plotOf([axis])).toMatch(/<circle/)
  expect(plotOf([{ ...result(1), sides: [side('ours', null)] }])).toBeNull()
})

test('a race that is run anew replaces its older figures, and no others', () => {
  const older = session([result(1, 'a')], [result(2, 'b')])
  const newer = session([result(3, 'b')])
  const merged = merge([older], newer)
  expect(merged.map(({ races }) => races.map(([run]) => run?.race))).toEqual([['b'], ['a']])
  expect(merge([newer], newer)).toHaveLength(1)
})

test('--report writes the figures, the table, the page and the plot, and adds to them later', () => {
  const root = mkdtempSync(join(tmpdir(), 'dsm-bench-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const directory = join(root, 'apps', 'bench')
  mkdirSync(directory, { recursive: true })
  publish(session([result(1)]), directory)
  const files = publish(session([result(1, 'another')]), directory)
  for (const file of files) expect(existsSync(file), file).toBe(true)
  expect(files.map(file => file.slice(root.length))).toContain('/docs/images/hand-over.svg')
  const results = readFileSync(join(directory, 'RESULTS.md'), 'utf8')
  expect(results).toContain('<another>')
  expect(results).toContain('<hand 64 MiB over, first byte read>')
})

test('a contender that fails is a side that says why, and the others go on', async () => {
  const trial = trials.find(({ name }) => name === 'lock')!
  const [race] = trial.races
  const nobody = { ...race!.contenders[0]!, name: 'nobody' }
  const { sides } = await run(
    trial,
    { ...race!, contenders: [nobody, race!.contenders[1]!] },
    'tiny',
  )
  expect(sides[0]?.failed).toContain('nobody is called')
  expect(sides[1]?.failed).toBeNull()
})

test('the command explains itself when used wrongly', () => {
  for (const words of [['x'], ['--runs', '0'], ['--impl', 'x'], ['--nonsense']]) {
    const { status, stderr } = spawnSync(process.execPath, [programFile('main'), ...words], {
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(stderr).toContain('pnpm bench')
  }
})
