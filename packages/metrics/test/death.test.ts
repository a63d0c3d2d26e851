/** What a death looks like in the figures. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { prometheusText } from '../src/index.js'
import { closeGroups, directoryOf, openGroup } from './group.js'

const program = fileURLToPath(new URL('children/attached.mjs', import.meta.url))

afterEach(closeGroups)

test('a killed member is seen as dead, then as died, and its attachment as abandoned', async () => {
  const dsm = openGroup()
  const figure = (name: string) =>
    Number(new RegExp(`^${name}{.*} (\\d+)$`, 'm').exec(prometheusText(dsm))?.[1])
  const segment = dsm.create(4_096)
  const child = fork(program, [directoryOf(dsm), String(segment.handle)])
  await once(child, 'message')
  expect([figure('dsm_members'), figure('dsm_attachments')]).toEqual([2, 2])
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  expect(figure('dsm_members')).toBe(1)
  expect(figure('dsm_members_dead') + figure('dsm_members_died_total')).toBe(1)
  while (figure('dsm_members_died_total') === 0) await sleep(50)
  expect([figure('dsm_members_dead'), figure('dsm_attachments')]).toEqual([0, 1])
  expect(figure('dsm_attachments_abandoned')).toBe(1)
  expect(figure('dsm_recoveries_total')).toBeGreaterThan(0)
})
