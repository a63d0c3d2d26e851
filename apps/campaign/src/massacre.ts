/**
 * All at once: members work in a group, the one who made it leaves, and then every process is
 * killed while it works. Nobody is left to sweep; the next one to open the group must find it
 * empty, and the machine clean.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { openDsm } from '@dsm/core'
import type { Backend } from './campaign.js'
import { Child } from './child.js'
import { BOARD, type ChurnOptions, type Report } from './churn-protocol.js'
import { groupDirectory, isGone, Objects } from './machine.js'
import type { Random } from './random.js'
import { warningsTo } from './warnings.js'

const PROCESSES = 3
const WATCHDOG_MS = 60_000
const WORK_MS_MAX = 150

/** Returns what should not have been. */
export async function massacre(
  backend: Backend,
  mainRegionSize: number,
  random: Random,
): Promise<string[]> {
  const problems: string[] = []
  const name = `massacre-${process.pid}`
  const maker = openDsm({ name, impl: backend, mainRegionSize })
  const board = maker.create(BOARD.words * 4, { ownObject: true })
  const objects = new Objects(backend, board.osName ?? '')
  const children = Array.from({ length: PROCESSES }, () => {
    const options: ChurnOptions = {
      group: name,
      board: board.handle,
      seed: random.fork(),
      threads: 1,
      dieAtStore: 0,
      reopens: false,
      canary: null,
    }
    return new Child('churn-child', { args: [JSON.stringify(options)], watchdogMs: WATCHDOG_MS })
  })
  const makers = new Set([process.pid, ...children.map(({ pid }) => pid)])
  for (const child of children) {
    child.process.on('message', ({ problem }: Report) => {
      if (problem !== null) problems.push(`${backend}, before a massacre: ${problem}`)
    })
    await child.message<Report>()
  }
  await delay(random.below(WORK_MS_MAX))
  maker.close()
  await delay(random.below(WORK_MS_MAX))
  for (const child of children) child.kill()
  await Promise.all(children.map(({ ended }) => ended))

  const logger = warningsTo(problem => problems.push(`${backend}, after a massacre: ${problem}`))
  const survivor = openDsm({ name, impl: backend, logger })
  const found = survivor.segments().map(({ handle }) => `segment ${handle}`)
  found.push(...objects.list(makers))
  if (backend === 'sysv') found.splice(found.indexOf(controlName(survivor.controlHandle)), 1)
  problems.push(...found.map(what => `${backend}: after a massacre there still is ${what}`))
  survivor.close()
  if (!isGone(groupDirectory(name))) problems.push(`${backend}: ${groupDirectory(name)} is left`)
  return problems
}

/** The key of the new life's control segment; elsewhere its name has another nonce. */
function controlName(handle: number): string {
  const key = Math.abs(handle | 0)
  return `0x${key.toString(16).padStart(8, '0')}`
}
