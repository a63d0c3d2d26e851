/**
 * One case: a call of an operation fails. Then the operation must have succeeded or thrown a
 * DsmError that names the call; the same again works; the bystander has noticed nothing; and when
 * all have left, nothing is open, mapped or there, but for what the library said it could not
 * remove, and what a call denied that it is there.
 */
import { openSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Dsm, DsmError } from '@dsm/core'
import type { Backend } from '../../campaign.js'
import { isLie, isMetByTrying } from './errors.js'
import { Group, sharedMappings } from './group.js'
import { operations } from './operations.js'
import type { Fault, Sabotaged, Saboteur } from './saboteur.js'

export interface Case {
  readonly operation: string
  /** null: none; the calls are counted. */
  readonly fault: Fault | null
}

export const describe = ({ operation, fault }: Case): string =>
  fault === null
    ? `${operation}, nothing fails`
    : `${operation}, ${fault.call} ${fault.nth} fails with ${fault.error.name}`

const SIZE = 5000
const PATTERN = 0x5a
const CLOSED_WITHIN_MS = 3_000
const LOOK_MS = 5
/** What could not be taken away stays, and the library has to say so. */
const TOLD = /could not remove|without signing off|left an object that is not ours/

/** Those that are open, and to what. */
function descriptors(): Map<string, string> {
  const open = new Map<string, string>()
  for (const number of readdirSync('/proc/self/fd')) {
    try {
      open.set(number, `${number} to ${readlinkSync(`/proc/self/fd/${number}`)}`)
    } catch {} // the one with which we read the list
  }
  return open
}

export interface BenchOptions {
  readonly backend: Backend
  readonly place: string
  readonly canary: string | null
}

export class Bench {
  readonly problems: string[] = []
  faults = 0
  errors = 0
  readonly #saboteur: Saboteur
  readonly #options: BenchOptions
  readonly #prefix = `dsm-faults-${process.pid}-`
  #number = 0

  constructor(saboteur: Saboteur, options: BenchOptions) {
    this.#saboteur = saboteur
    this.#options = options
  }

  /** How often each call is made. */
  async count(operation: string): Promise<ReadonlyMap<string, number>> {
    return (await this.#execute({ operation, fault: null })).uses
  }

  /** False: the operation did not make that call so often this time. */
  async one(one: Case): Promise<boolean> {
    const { fired } = await this.#execute(one)
    if (fired) this.faults++
    return fired
  }

  async #execute(one: Case): Promise<Sabotaged> {
    const found: string[] = []
    const { backend, place } = this.#options
    const before = descriptors()
    const group = new Group(backend, place, `g${++this.#number}`, this.#prefix)
    let sabotaged: Sabotaged = { error: null, fired: false, uses: new Map() }
    try {
      const { act, bystander } = operations[one.operation]!(group)
      const check = bystander === null ? () => [] : watchOver(bystander)
      sabotaged = await this.#saboteur.during(one.fault, act)
      found.push(...this.#judge(one, sabotaged.error, group))
      await act() // the same again
      if (one.fault === null || !isLie(one.fault.error)) found.push(...check())
    } catch (error) {
      found.push(`what follows failed: ${(error as Error).stack}`)
    }
    found.push(...group.end())
    const left = [...group.leftovers()]
    if (!isExcused(one.fault, group)) found.push(...left.map(name => `left behind: ${name}`))
    if (left.length > 0) group.clear()
    found.push(...(await this.#held(before)))
    for (const problem of found) this.problems.push(`${backend}, ${describe(one)}: ${problem}`)
    return sabotaged
  }

  #judge({ fault }: Case, error: unknown, group: Group): string[] {
    if (error === null) return []
    this.errors++
    const { canary } = this.#options
    if (canary === 'object') group.forget('object')
    if (canary === 'mapping') group.forget('mapping')
    if (canary === 'descriptor') openSync('/dev/null', 'r')
    if (canary === 'untyped') return judgeError(fault, new Error((error as Error).message))
    return judgeError(fault, error)
  }

  /** Memory of large objects is freed on the thread pool, and their descriptors close there. */
  async #held(before: ReadonlyMap<string, string>): Promise<string[]> {
    const deadline = performance.now() + CLOSED_WITHIN_MS
    for (;;) {
      const opened = [...descriptors()].filter(([number]) => !before.has(number))
      const held = [...opened.map(([, to]) => `left open: ${to}`)]
      held.push(...sharedMappings().map(line => `left mapped: ${line}`))
      if (held.length === 0 || performance.now() > deadline) return held
      await delay(LOOK_MS)
    }
  }
}

/** May something be left? Also an empty directory, which holds no memory, if it would not go. */
function isExcused(fault: Fault | null, group: Group): boolean {
  if (fault === null) return false
  const told = group.warnings.some(warning => TOLD.test(warning))
  return told || isLie(fault.error) || (fault.call === 'rmdir' && group.leftFiles() === 0)
}

function judgeError(fault: Fault | null, error: unknown): string[] {
  const { stack } = error as Error
  if (fault === null) return [`threw: ${stack}`]
  if (!DsmError.isInstance(error)) return [`threw what is no DsmError: ${stack}`]
  if (isMetByTrying(fault)) return [`threw what another try would have met: ${stack}`]
  const said = error.errno !== undefined && error.syscall !== undefined
  if (fault.error.sort === 'failure' && !said) return [`threw without errno or syscall: ${stack}`]
  return []
}

/** A segment of somebody who has no part in it; gives what can be said of it later. */
function watchOver(bystander: Dsm): () => string[] {
  const segment = bystander.create(SIZE)
  segment.bytes.fill(PATTERN)
  return () => {
    const problems: string[] = []
    if (segment.bytes.some(byte => byte !== PATTERN)) problems.push('a bystander’s bytes changed')
    bystander.create(SIZE).detach()
    for (const { handle, refcnt, members, pinned } of bystander.segments()) {
      const wanted = 1 + members.length + (pinned ? 1 : 0)
      if (refcnt !== wanted) problems.push(`segment ${handle}: refcnt ${refcnt} for ${wanted}`)
    }
    segment.detach()
    return problems
  }
}
