/** @dsm/metrics: Prometheus text is here; `@dsm/metrics/opentelemetry` is the other half. */
export { prometheusContentType, prometheusText } from './prometheus.js'
