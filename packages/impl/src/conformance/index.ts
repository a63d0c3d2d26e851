/**
 * The conformance suite of `DsmImpl`: what every mechanism must do, as tests for any runner. It
 * knows the contract (`dsm-impl.ts`) and no mechanism. Each test works in a scope that nobody else
 * has, cleans up after itself, and fails if the mechanism left anything behind. How to prove your
 * own mechanism with it is in this package's README.
 */

import { badArguments } from './groups/arguments.js'
import { attach } from './groups/attach.js'
import { close } from './groups/close.js'
import { contents } from './groups/contents.js'
import { create } from './groups/create.js'
import { createAsync } from './groups/create-async.js'
import { deaths } from './groups/deaths.js'
import { destroy } from './groups/destroy.js'
import { detach } from './groups/detach.js'
import { end } from './groups/end.js'
import { enumerate } from './groups/enumerate.js'
import { evidence } from './groups/evidence.js'
import { factory } from './groups/factory.js'
import { foreign } from './groups/foreign.js'
import { identity } from './groups/identity.js'
import { leaks } from './groups/leaks.js'
import { names } from './groups/names.js'
import { part } from './groups/part.js'
import { pin } from './groups/pin.js'
import { processes } from './groups/processes.js'
import { scopes } from './groups/scopes.js'
import { shortages } from './groups/shortages.js'
import { type ConformanceOptions, type ConformanceTest, checkOptions } from './options.js'
import { Suite } from './suite.js'

export type {
  ConformanceOptions,
  ConformanceSettings,
  ConformanceTest,
  ConformanceTrace,
  PlantForeign,
} from './options.js'

/**
 * Registers the suite's tests. They must run one after another, in this order.
 * @param test the runner: vitest's `test`, that of `node:test`, or the like
 * @throws TypeError if an option is unknown, or missing for what the mechanism supports
 */
export function conformance(test: ConformanceTest, options: ConformanceOptions): void {
  checkOptions(options)
  const suite = new Suite(test, options)
  const groups = [
    ...[factory, names, scopes, badArguments],
    ...[create, contents, createAsync, attach, detach, part, identity],
    ...[destroy, evidence, foreign, close, enumerate, pin],
    ...[processes, deaths, shortages, leaks, end],
  ]
  for (const group of groups) group(suite)
}
