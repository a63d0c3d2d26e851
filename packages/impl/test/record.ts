/**
 * A runner that records: registers the suite's tests, runs them in turn, and tells which failed.
 */
import {
  type ConformanceOptions,
  type ConformanceTest,
  conformance,
} from '../src/conformance/index.js'

export interface Recording {
  readonly passed: string[]
  /** Names, and what was said. */
  readonly failed: Map<string, unknown>
  readonly skipped: string[]
  /** Not run, because their group was not asked for. */
  readonly left: string[]
}

/** @param groups the first words of tests to run; default all */
export async function record(
  options: ConformanceOptions,
  groups?: readonly string[],
): Promise<Recording> {
  const recording: Recording = { passed: [], failed: new Map(), skipped: [], left: [] }
  const bodies: [string, () => void | Promise<void>][] = []
  const test: ConformanceTest = Object.assign(
    (name: string, body: () => void | Promise<void>) => void bodies.push([name, body]),
    { skip: (name: string) => void recording.skipped.push(name) },
  )
  conformance(test, options)
  for (const [name, body] of bodies) {
    if (groups?.includes(name.split(':')[0]!) === false) {
      recording.left.push(name)
      continue
    }
    try {
      await body()
      recording.passed.push(name)
    } catch (error) {
      recording.failed.set(name, error)
    }
  }
  return recording
}
