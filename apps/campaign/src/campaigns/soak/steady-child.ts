/**
 * The process of the campaign `soak` that nobody kills: two members that do everything at random,
 * for as long as it takes. Asked for it, while they rest, it says what it holds of the machine.
 */
import { openSync } from 'node:fs'
import { openDsm, type Segment } from '@dsm/core'
import { childOptions } from '../../child.js'
import { Churn } from '../../churn.js'
import type { ChurnOptions } from '../../churn-protocol.js'
import { holdings, settle } from '../../machine.js'
import { Random } from '../../random.js'
import type { SteadyReport } from './protocol.js'

const MEMBERS = 2
const LEAKED_DESCRIPTORS = 4
const LEAKED_BYTES = 64 << 20

const options = childOptions<ChurnOptions>()
const { group, canary } = options
const send = (report: SteadyReport): void => {
  process.send?.(report)
}
const tell = (problem: string): void => send({ kind: 'problem', problem })
const leaked: unknown[] = []

function leak(): void {
  for (let left = LEAKED_DESCRIPTORS; left > 0 && canary === 'descriptor'; left--) {
    leaked.push(openSync('/dev/null', 'r'))
  }
  if (canary === 'memory') leaked.push(new Uint8Array(LEAKED_BYTES).fill(1))
  if (canary === 'reference') leaked.push(forgotten())
}

/** Once, by a member of its own. */
function forgotten(): Segment | null {
  return leaked.length > 0 ? null : openDsm({ name: group }).create(64)
}

async function measure(): Promise<void> {
  leak()
  await settle()
  send({ kind: 'holdings', holdings: holdings() })
}

const random = new Random(options.seed)
const members = Array.from({ length: MEMBERS }, () => new Churn(options, random.fork(), tell))
process.on('message', measure)
send({ kind: 'joined' })
await Promise.all(members.map(member => member.run()))
process.removeAllListeners('disconnect')
process.disconnect?.()
