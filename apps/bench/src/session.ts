/**
 * What was measured, where and when: one session for each run of the command, in which every race
 * was run once or several times. results.json keeps the last session of every race, so that a long
 * trial can be measured apart from the rest.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { packageDirectory } from './programs.js'
import type { RaceResult } from './race.js'
import type { Scale } from './trial.js'

export interface Machine {
  readonly node: string
  readonly kernel: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  /** Average of the minute before: above 0.5 the figures are of a machine that did other work. */
  readonly load: number
  /** null: no server was asked. */
  readonly postgres: string | null
}

export interface Session {
  readonly machine: Machine
  readonly commit: string
  readonly date: string
  readonly scale: Scale
  readonly seconds: number
  /** Of each race: its runs. */
  readonly races: readonly (readonly RaceResult[])[]
}

export const machine = (postgres: string | null, load: number): Machine => ({
  node: process.version,
  kernel: release(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  load,
  postgres,
})

/** As "382ea0d", or "382ea0d and changes". */
export function commit(): string {
  const git = (...words: string[]): string =>
    spawnSync('git', words, { cwd: packageDirectory, encoding: 'utf8' }).stdout?.trim() ?? ''
  const head = git('rev-parse', '--short', 'HEAD')
  if (head === '') return 'unknown'
  const generated = ['RESULTS.md', 'results.json', '../../docs/images'].map(at => `:!${at}`)
  return git('status', '--porcelain', '--', '../..', ...generated) === ''
    ? head
    : `${head} and changes`
}

const nameOf = (runs: readonly RaceResult[]): string => runs[0]?.race ?? ''

/** Newest first; a race that was run anew is no longer in the older ones. */
export function merge(older: readonly Session[], session: Session): Session[] {
  const anew = new Set(session.races.map(nameOf))
  const kept = older.map(old => ({
    ...old,
    races: old.races.filter(runs => !anew.has(nameOf(runs))),
  }))
  return [session, ...kept.filter(({ races }) => races.length > 0)]
}

export const readSessions = (path: string): Session[] =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Session[]) : []
