/** A group on `@dsm/impl-local`, in a temporary directory, with faults on order. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DsmImpl } from '@dsm/impl'
import { LocalFaults, local, remainingLocal } from '@dsm/impl-local'
import { groupDirectory } from '../src/group-directory.js'
import { leaveGroup } from '../src/leave-group.js'
import type { ControlLogger } from '../src/logger.js'
import { type OpenedGroup, type OpenOptions, openGroup } from '../src/open-group.js'
import { runSync } from '../src/steps.js'

export interface Warning {
  readonly message: string
  readonly fields: Record<string, unknown>
}

export class LocalGroup {
  readonly faults = new LocalFaults()
  readonly impl: DsmImpl = local({ faults: this.faults })
  readonly warnings: Warning[] = []
  readonly #dir = mkdtempSync(join(tmpdir(), 'dsm-control-group-'))
  readonly #open = new Set<OpenedGroup>()

  readonly #logger: ControlLogger = {
    debug: () => {},
    info: () => {},
    warn: (message, fields) => this.warnings.push({ message, fields: { ...fields } }),
    error: () => {},
  }

  get path(): string {
    return join(this.#dir, 'group')
  }

  options(changes: Partial<OpenOptions> = {}): OpenOptions {
    return {
      directory: groupDirectory({ dir: this.path }),
      impl: this.impl,
      loadImpl: () => this.impl,
      maxMembers: 4,
      maxSegments: 6,
      persist: undefined,
      mainRegionSize: undefined,
      exclusive: false,
      lockTimeoutMs: 2_000,
      logger: this.#logger,
      ...changes,
    }
  }

  open(changes: Partial<OpenOptions> = {}): OpenedGroup {
    const group = runSync(openGroup(this.options(changes)))
    this.#open.add(group)
    return group
  }

  leave(group: OpenedGroup): void {
    this.#open.delete(group)
    runSync(leaveGroup(group, 2_000))
  }

  /** Goes as a killed process goes: the byte drops, nothing else happens. */
  die(group: OpenedGroup): void {
    this.#open.delete(group)
    group.life.file.close()
  }

  /** Objects that exist, the control segments included. */
  get objects(): readonly string[] {
    return remainingLocal()
  }

  end(): void {
    for (const group of [...this.#open]) this.leave(group)
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
