/**
 * Groups for OpenTelemetry: observable instruments of a meter, read when the meter's reader asks.
 * Only types of `@opentelemetry/api` are used; the program brings its own, with an SDK behind it.
 */
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api'
import { METRICS, UP } from './catalogue.js'
import { type Groups, readGroups } from './reading.js'

/**
 * Observes a group, or several, until the result is disposed of. All instruments are read together,
 * once for each collection, with the attributes `group` and `backend`.
 * Of a group that cannot be read only `dsm.up` is there, and is 0.
 */
export function observeDsm(meter: Meter, groups: Groups): Disposable {
  const up = observableOf(meter, UP)
  const observables = METRICS.map(metric => observableOf(meter, metric))
  const callback = (result: BatchObservableResult): void => {
    for (const { labels, reading } of readGroups(groups)) {
      const attributes = { ...labels }
      result.observe(up, reading === null ? 0 : 1, attributes)
      if (reading === null) continue
      for (const [index, metric] of METRICS.entries()) {
        const value = metric.value(reading)
        if (value !== null) result.observe(observables[index]!, value, attributes)
      }
    }
  }
  const all = [up, ...observables]
  meter.addBatchObservableCallback(callback, all)
  return { [Symbol.dispose]: () => meter.removeBatchObservableCallback(callback, all) }
}

function observableOf(meter: Meter, metric: typeof UP | (typeof METRICS)[number]): Observable {
  const { name, kind, unit, help } = metric
  const options = { description: help, unit }
  return kind === 'counter'
    ? meter.createObservableCounter(name, options)
    : meter.createObservableGauge(name, options)
}
