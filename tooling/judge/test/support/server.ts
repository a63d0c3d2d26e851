/**
 * A private PostgreSQL server as the tests see it. What is done to it is done by its steward
 * (`children/steward.mjs`), a process under the server's user; what it said in its log is read
 * here.
 */
import { type ControlView, readControlSegment } from '@dsm/control'
import { vi } from 'vitest'
import type { Child } from './child.js'

export type Kind = 'posix' | 'sysv' | 'mmap'

export interface FoundObject {
  readonly name: string
  readonly size: number
  /** Inode or shmid. */
  readonly identity: number
}

/** One look at a living server: see `children/observe.mjs`. */
export interface Look {
  readonly header: { shmid: number; magic: number; bytes: number; handle: number }
  readonly controlName: string
  readonly control: Uint8Array
  /** By process: the names that it has mapped. */
  readonly maps: readonly (readonly [pid: number, names: readonly string[]])[]
  readonly objects: readonly FoundObject[]
  readonly steady: boolean
}

export interface Orphan {
  readonly handle: number
  readonly refcnt: number
}

export class Server {
  /** Of every postmaster that was started. */
  readonly pids: number[] = []
  kind: Kind = 'posix'

  constructor(
    readonly steward: Child,
    readonly base: string,
    readonly major: number,
  ) {}

  async start(kind: Kind = this.kind, settings: Record<string, string> = {}): Promise<void> {
    this.kind = kind
    this.pids.push(await this.steward.call('start', kind, settings))
  }

  readonly stop = (): Promise<void> => this.steward.call('stop')
  readonly kill = (): Promise<void> => this.steward.call('kill')
  readonly clean = (): Promise<{ sane: boolean; removed: number[]; left: number[] }> =>
    this.steward.call('clean')
  readonly ask = (...statements: string[]): Promise<string> =>
    this.steward.call('ask', ...statements)
  readonly header = (): Promise<Look['header']> => this.steward.call('header')
  readonly bytes = (handle: number): Promise<Uint8Array | null> =>
    this.steward.call('bytes', handle)
  readonly objects = (): Promise<FoundObject[]> => this.steward.call('objects')
  /** As if the dead server had made that control segment; the handle of its own. */
  readonly setControlHandle = (handle: number): Promise<number> =>
    this.steward.call('setControlHandle', handle)

  /** In each of `times` sessions a query that sleeps with a parallel worker. */
  async holdParallel(times: number): Promise<void> {
    const force = this.major >= 16 ? 'debug_parallel_query' : 'force_parallel_mode'
    for (let n = 0; n < times; n++) {
      await this.steward.call('begin', `set ${force} = on`, 'select pg_sleep(600)')
    }
  }

  /** A plan that is parallel by itself: a leader and three workers in one segment. */
  async holdParallelScan(): Promise<void> {
    await this.ask(
      'create table if not exists t as select generate_series(1, 5000) as n',
      'alter table t set (parallel_workers = 3)',
    )
    await this.steward.call(
      'begin',
      'set parallel_setup_cost = 0; set parallel_tuple_cost = 0',
      'set min_parallel_table_scan_size = 0; set max_parallel_workers_per_gather = 3',
      'select count(*) from t where pg_sleep(600) is not null',
    )
  }

  /** Looks until `test` does not throw, so that processes may come and go; what it saw then. */
  async lookUntil(test: (look: Look, view: ControlView) => void): Promise<Look> {
    return await vi.waitFor(
      async () => {
        const look = await this.steward.call<Look>('look')
        if (!look.steady) throw new Error('the control segment changes all the time')
        test(look, readControlSegment(look.control))
        return look
      },
      { timeout: 30_000, interval: 50 },
    )
  }

  /**
   * What its last start said of shared memory: its own, and what it cleaned up before. `notThere`
   * is the control segment that a header names in vain, `failed` what it could not remove.
   */
  async said(): Promise<{
    slots: number
    control: number
    controlBytes: number
    cleaned: Orphan[]
    cleanedControl: number[]
    notThere: string[]
    failed: string[]
  }> {
    const log = await this.steward.call<string>('log')
    const all = (pattern: RegExp): string[][] => [...log.matchAll(pattern)].map(match => [...match])
    const take = ([, name]: string[]): string => name!
    const orphans = all(/orphaned dynamic shared memory with ID (\d+) \(reference count (\d+)\)/g)
    const made = all(/created dynamic shared memory control segment (\d+) \((\d+) bytes\)/g)
    return {
      slots: Number(all(/shared memory system will support (\d+) segments/g).at(-1)?.[1]),
      control: Number(made.at(-1)?.[1]),
      controlBytes: Number(made.at(-1)?.[2]),
      cleaned: orphans.map(([, id, count]) => ({ handle: Number(id), refcnt: Number(count) })),
      cleanedControl: all(/cleaning up dynamic shared memory control segment with ID (\d+)/g).map(
        ([, id]) => Number(id),
      ),
      notThere: all(/DEBUG: {2}could not open shared memory segment "([^"]*)"/g).map(take),
      failed: all(/LOG: {2}could not \w+ shared memory segment "([^"]*)"/g).map(take),
    }
  }

  /** The server goes with all that it made, and its directory. */
  async end(): Promise<void> {
    try {
      await this.steward.call('end')
    } finally {
      await this.steward.kill()
    }
  }
}
