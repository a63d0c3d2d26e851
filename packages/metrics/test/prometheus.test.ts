/** The text of Prometheus: read back with a parser that is not ours, and byte by byte. */
import parse, { type Family } from 'parse-prometheus-text-format'
import { afterEach, expect, test } from 'vitest'
import { METRICS, prometheusName, UP } from '../src/catalogue.js'
import { prometheusContentType, prometheusText } from '../src/index.js'
import { closeGroups, fill, openGroup } from './group.js'

afterEach(closeGroups)

const familiesIn = (text: string): Map<string, Family> =>
  new Map(parse(text).map(family => [family.name, family]))

/** The one sample of a family that has one. */
function valueIn(families: Map<string, Family>, name: string): number {
  const samples = families.get(name)?.metrics ?? []
  expect([name, samples.length]).toEqual([name, 1])
  return Number(samples[0]!.value)
}

test('a parser finds every metric of the catalogue, with its kind, help and both labels', () => {
  const families = familiesIn(prometheusText(openGroup()))
  expect([...families.keys()].sort()).toEqual([UP, ...METRICS].map(prometheusName).sort())
  for (const metric of METRICS) {
    expect(families.get(prometheusName(metric))).toEqual({
      name: prometheusName(metric),
      help: metric.help,
      type: metric.kind.toUpperCase(),
      metrics: [
        { labels: { group: 'measured', backend: 'posix' }, value: expect.stringMatching(/^\d+$/) },
      ],
    })
  }
})

test('the figures are those of the group', () => {
  const dsm = openGroup()
  fill(dsm)
  const families = familiesIn(prometheusText(dsm))
  const { mainRegion } = dsm.stats()
  const expected = {
    dsm_up: 1,
    dsm_segments: 3,
    dsm_segments_bytes: 10_000 + 5_000 + 4_096,
    dsm_segments_pinned: 1,
    dsm_attachments: 3,
    dsm_attachments_abandoned: 0,
    dsm_members: 1,
    dsm_members_dead: 0,
    dsm_main_region_pages: mainRegion!.total,
    dsm_main_region_pages_free: mainRegion!.total - 3,
    dsm_main_region_pages_largest_run: mainRegion!.largest,
    dsm_segments_created_total: 4 + 1, // and the main region
    dsm_segments_detached_total: 1,
    dsm_segments_destroyed_total: 1,
  }
  for (const [name, value] of Object.entries(expected)) {
    expect([name, valueIn(families, name)]).toEqual([name, value])
  }
})

test('what a group does not have is left out: no main region, no pages', () => {
  const text = prometheusText(openGroup('plain', 0))
  expect(text).not.toContain('main_region')
  expect(familiesIn(text).has('dsm_segments')).toBe(true)
})

test('several groups stand in one family each, told apart by their labels', () => {
  const text = prometheusText([openGroup('a'), openGroup('b')])
  expect(text.match(/^# TYPE dsm_segments gauge$/gm)).toHaveLength(1)
  expect(text).toContain('dsm_segments{group="a",backend="posix"} 0\n')
  expect(text).toContain('dsm_segments{group="b",backend="posix"} 0\n')
})

test('of a closed group only dsm_up is there, and is 0; the others are read all the same', () => {
  const closed = openGroup('closed')
  closed.close()
  expect(prometheusText(closed)).toBe(
    `# HELP dsm_up ${UP.help}\n# TYPE dsm_up gauge\ndsm_up{group="closed",backend="posix"} 0\n`,
  )
  const both = prometheusText([closed, openGroup('open')])
  expect(both).toContain('dsm_up{group="open",backend="posix"} 1\n')
  expect(both.match(/group="closed"/g)).toHaveLength(1)
})

test('a label may hold anything: quotes, backslashes and line feeds come back from the parser', () => {
  const name = 'a"b\\c\nd\\n'
  const up = familiesIn(prometheusText(openGroup(name))).get('dsm_up')
  expect(up?.metrics[0]?.labels).toEqual({ group: name, backend: 'posix' })
})

test('an error that is no DsmError is not swallowed', () => {
  const { name, impl } = openGroup()
  const stats = () => {
    throw new RangeError('a mistake')
  }
  expect(() => prometheusText({ name, impl, stats } as never)).toThrow('a mistake')
})

test('every line is a comment or a sample, and the type names the format', () => {
  const dsm = openGroup()
  fill(dsm)
  const lines = prometheusText(dsm).split('\n')
  expect(lines.pop()).toBe('') // the last line ends too
  const sample = /^[a-z_]+\{group="measured",backend="posix"\} \d+$/
  for (const line of lines) expect(line).toMatch(line.startsWith('# ') ? /^# (HELP|TYPE) / : sample)
  expect(prometheusContentType).toBe('text/plain; version=0.0.4; charset=utf-8')
})
