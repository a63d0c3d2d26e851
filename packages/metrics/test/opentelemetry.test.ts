/** The instruments as a real SDK collects them, and their names as its own exporter writes them. */
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import {
  type DataPoint,
  DataPointType,
  MeterProvider,
  type MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics'
import { afterEach, expect, test } from 'vitest'
import { METRICS, UP } from '../src/catalogue.js'
import { prometheusText } from '../src/index.js'
import { observeDsm } from '../src/opentelemetry.js'
import { closeGroups, fill, openGroup } from './group.js'

afterEach(closeGroups)

/** Collects when asked, and sends nothing anywhere. */
class AskedReader extends MetricReader {
  protected onForceFlush = async (): Promise<void> => {}
  protected onShutdown = async (): Promise<void> => {}
}

function makeMeter() {
  const reader = new AskedReader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test')
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect()
    expect(errors).toEqual([])
    return resourceMetrics
  }
  const metrics = async (): Promise<MetricData[]> =>
    (await collect()).scopeMetrics.flatMap(scope => scope.metrics)
  return { meter, collect, metrics }
}

const pointsOf = (metrics: readonly MetricData[], name: string): DataPoint<unknown>[] =>
  metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []

test('the SDK collects every metric of the catalogue, with kind, unit, help and attributes', async () => {
  const { meter, metrics } = makeMeter()
  observeDsm(meter, openGroup())
  const collected = await metrics()
  expect(collected).toHaveLength(METRICS.length + 1)
  for (const { name, kind, unit, help } of [UP, ...METRICS]) {
    const found = collected.find(({ descriptor }) => descriptor.name === name)
    expect(found?.descriptor).toMatchObject({ name, unit, description: help })
    expect(found?.dataPointType).toBe(kind === 'counter' ? DataPointType.SUM : DataPointType.GAUGE)
    if (found?.dataPointType === DataPointType.SUM) expect(found.isMonotonic).toBe(true)
    expect(found?.dataPoints.map(point => point.attributes)).toEqual([
      { group: 'measured', backend: 'posix' },
    ])
  }
})

test('each collection reads anew', async () => {
  const { meter, metrics } = makeMeter()
  const dsm = openGroup()
  observeDsm(meter, dsm)
  expect(pointsOf(await metrics(), 'dsm.segments')[0]?.value).toBe(0)
  fill(dsm)
  const after = await metrics()
  expect(pointsOf(after, 'dsm.segments')[0]?.value).toBe(3)
  expect(pointsOf(after, 'dsm.segments.created')[0]?.value).toBe(dsm.stats().created)
})

test('several groups share the instruments, given at once or one after another', async () => {
  const { meter, metrics } = makeMeter()
  observeDsm(meter, [openGroup('a'), openGroup('b')])
  observeDsm(meter, openGroup('c'))
  const groups = pointsOf(await metrics(), 'dsm.members').map(point => point.attributes.group)
  expect(groups.sort()).toEqual(['a', 'b', 'c'])
})

test('of a closed group only dsm.up is observed, and is 0', async () => {
  const { meter, metrics } = makeMeter()
  const dsm = openGroup()
  observeDsm(meter, dsm)
  dsm.close()
  const collected = (await metrics()).filter(({ dataPoints }) => dataPoints.length > 0)
  expect(collected.map(({ descriptor }) => descriptor.name)).toEqual(['dsm.up'])
  expect(pointsOf(collected, 'dsm.up')[0]?.value).toBe(0)
})

test('what was disposed of is observed no more', async () => {
  const { meter, metrics } = makeMeter()
  const observation = observeDsm(meter, openGroup())
  observation[Symbol.dispose]()
  const counts = (await metrics()).map(({ dataPoints }) => dataPoints.length)
  expect(counts.every(count => count === 0)).toBe(true)
})

test("OpenTelemetry's own exporter to Prometheus writes the names that our text has", async () => {
  const { meter, collect } = makeMeter()
  const dsm = openGroup()
  fill(dsm)
  observeDsm(meter, dsm)
  const theirs = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(
    await collect(),
  )
  const ours = prometheusText(dsm)
  const familiesIn = (text: string) => text.match(/^# TYPE dsm_.*$/gm)?.sort()
  expect(familiesIn(theirs)).toEqual(familiesIn(ours))
})
