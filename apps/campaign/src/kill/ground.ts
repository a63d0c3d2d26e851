/**
 * A place of its own for everything that one driver and its victims make: names, directories and
 * files. So that what is left over can be told from what others have on the same machine.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DsmImpl } from '@dsm/impl'
import type { Backend } from '../campaign.js'
import { isRemoved, Objects } from '../machine.js'

const NAP_MS = 1
const NAPS_MAX = 2_000
const bed = new Int32Array(new SharedArrayBuffer(4))

export class Ground {
  /**
   * Of System V segments, nothing tells whose they are but who made them: by pid, which is soon
   * somebody else's. So the dead stand here only while the group is there in which they died.
   */
  readonly makers = new Set([process.pid])
  readonly #prefix = `dsm.kill${process.pid}.`
  readonly #groups = `/dev/shm/dsm.kill${process.pid}.groups`
  readonly #files: string

  constructor() {
    this.#files = mkdtempSync(join(tmpdir(), 'dsm-kill-'))
    process.env.TMPDIR = this.#files
    process.env.DSM_DIR = this.#groups
  }

  impl(backend: Backend): DsmImpl {
    const require = createRequire(import.meta.url)
    const module = require(`@dsm/impl-${backend}`) as Record<string, (options: object) => DsmImpl>
    const options = backend === 'posix' ? { namePrefix: `/${this.#prefix}<nonce>.` } : undefined
    return module[backend]!(options as object)
  }

  /**
   * Everything that is there while no group is. The memory of a large segment goes back on the
   * thread pool, after its name: that is waited for.
   */
  leftovers(): string[] {
    let found = this.#look()
    for (let naps = 0; naps < NAPS_MAX && found.some(isRemoved); naps++) {
      Atomics.wait(bed, 0, 0, NAP_MS)
      found = this.#look()
    }
    return found
  }

  #look(): string[] {
    const found = readdirSync('/dev/shm').filter(name => name.startsWith(this.#prefix))
    found.push(...readdirSync(this.#files))
    found.push(...new Objects('sysv', '').list(this.makers))
    return found
  }

  /** Everything of the dead is gone: what their pids make from now on is not ours. */
  forgetTheDead(): void {
    this.makers.clear()
    this.makers.add(process.pid)
  }

  /** What was left over has been told; it is not to be told again. */
  clear(): void {
    for (const name of readdirSync('/dev/shm')) {
      if (name.startsWith(this.#prefix)) rmSync(join('/dev/shm', name), { recursive: true })
    }
    rmSync(this.#files, { recursive: true, force: true })
    mkdirSync(this.#files, { mode: 0o700 })
  }

  remove(): void {
    this.clear()
    if (existsSync(this.#files)) rmSync(this.#files, { recursive: true })
  }
}
