/**
 * Every system call of ours fails, at its first to n-th use, in the ways that its manual page
 * documents: of each operation on each backend the calls are counted once, then each is made to
 * fail by a shim before libc. bench.ts says what has to hold.
 * It misses what an addon asks of libc by other functions than the shim knows, and what the system
 * does between libc and the kernel: for that there is `faults-strace`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backend, Campaign, CampaignOptions, Outcome } from '../../campaign.js'
import { isLost, watch } from '../../watched-child.js'
import { operations } from './operations.js'
import type { FaultOptions, FaultResult } from './protocol.js'
import { preload } from './shim.js'
import { whyNoStrace } from './strace.js'

const HUNG_AFTER_MS = 20_000

type By = FaultOptions['by']

async function onBackend(
  by: By,
  backend: Backend,
  place: string,
  { canary, cycles, seed, operations }: CampaignOptions,
): Promise<FaultResult> {
  const progress = join(place, `${backend}.progress`)
  const own = mkdtempSync(join(place, `${backend}-`))
  const options: FaultOptions = {
    ...{ by, backend, place: own, progress, canary, seed, cases: cycles, operations },
  }
  const result = await watch<FaultResult>({
    ...{ program: 'campaigns/faults/child', options },
    ...{ env: by === 'shim' ? preload : {}, hungAfterMs: HUNG_AFTER_MS },
  })
  if (!isLost(result)) return result
  return { possible: 0, faults: 0, errors: 0, problems: [`${result.at}: ${result.how}`] }
}

async function run(by: By, options: CampaignOptions): Promise<Outcome> {
  const { backends } = options
  const started = performance.now()
  const place = mkdtempSync(join(tmpdir(), 'dsm-faults-'))
  const results: FaultResult[] = []
  for (const backend of backends) results.push(await onBackend(by, backend, place, options))
  rmSync(place, { recursive: true, force: true })
  const sum = (field: 'possible' | 'faults' | 'errors'): number =>
    results.reduce((total, result) => total + result[field], 0)
  const figures = {
    backends: backends.join('+'),
    ...(by === 'shim' ? { possible: sum('possible') } : {}),
    faults: sum('faults'),
    errors: sum('errors'),
    seconds: (performance.now() - started) / 1000,
  }
  return { figures, problems: results.flatMap(({ problems }) => problems) }
}

export const faults: Campaign = {
  name: 'faults',
  summary: 'every system call of every operation fails in every documented way',
  defaults: { seconds: 0, cycles: 0 },
  short: { seconds: 0, cycles: 100 },
  operations: Object.keys(operations),
  canaries: ['object', 'descriptor', 'mapping', 'untyped'],
  run: options => run('shim', options),
}

export const faultsStrace: Campaign = {
  name: 'faults-strace',
  summary: 'the same in the kernel’s place, by strace: some calls of some operations',
  defaults: { seconds: 0, cycles: 100 },
  short: { seconds: 0, cycles: 6 },
  canaries: ['untyped'],
  needs: whyNoStrace,
  run: options => run('strace', options),
}
