/**
 * Groups in the text format of Prometheus, version 0.0.4: for a `/metrics` page of one's own, or to
 * be put behind the text of another library. Not a registry: it keeps nothing between two calls.
 */
import { METRICS, prometheusName, UP } from './catalogue.js'
import { type GroupLabels, type Groups, readGroups } from './reading.js'

/** What a `/metrics` page with this text says of itself. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

interface Sample {
  readonly labels: GroupLabels
  readonly value: number | null
}

/**
 * All metrics of a group, or of several; one family each, every sample with `group` and `backend`.
 * Of a group that cannot be read only `dsm_up` is there, and is 0.
 */
export function prometheusText(groups: Groups): string {
  const readings = readGroups(groups)
  const families = METRICS.map(metric => {
    const samples = readings.map(({ labels, reading }) => ({
      labels,
      value: reading === null ? null : metric.value(reading),
    }))
    return family(metric, samples)
  })
  const up = readings.map(({ labels, reading }) => ({ labels, value: reading === null ? 0 : 1 }))
  return family(UP, up) + families.join('')
}

/** A family without samples is left out, its description too. */
function family(metric: typeof UP | (typeof METRICS)[number], samples: readonly Sample[]): string {
  const name = prometheusName(metric)
  const lines = samples.flatMap(({ labels, value }) =>
    value === null ? [] : [`${name}${inBraces(labels)} ${value}\n`],
  )
  if (lines.length === 0) return ''
  return `# HELP ${name} ${metric.help}\n# TYPE ${name} ${metric.kind}\n${lines.join('')}`
}

const inBraces = ({ group, backend }: GroupLabels): string =>
  `{group="${escaped(group)}",backend="${escaped(backend)}"}`

/** A group in a directory of its own has the directory's name, which may be anything. */
const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
