/** Byte 0 and the control lock in the hands of a stopped process: typed timeouts, no theft. */
import { expect, test } from 'vitest'
import { openDsmAsync } from '../src/index.js'
import type { Member } from './support/member.js'
import { code, recorder, stateOf, until, usePlace } from './support/place.js'

const place = usePlace()

/** A process that is stopped in the middle of `op`, at its n-th store. */
async function stopped(child: Member, n: number, op: string, ...args: unknown[]): Promise<void> {
  await child.call('trap', n, 'stop')
  child.cast(op, ...args)
  await until(() => stateOf(child.pid) === 'T')
}

async function stoppedInOpen(): Promise<Member> {
  const child = place.member()
  await child.call('load', place.spec('posix'))
  await stopped(child, 20, 'open', place.spec('posix'))
  return child
}

test('byte 0 held by a stopped process is waited for, then DSM_LOCK_TIMEOUT', async () => {
  const child = await stoppedInOpen()
  expect(() => place.open('posix', { lockTimeoutMs: 50 })).toThrow(code('DSM_LOCK_TIMEOUT'))
  expect(() => place.open('posix', { lockTimeoutMs: 0 })).toThrow(/is it stopped\?/)
  child.signal('SIGCONT')
  const dsm = place.open(null)
  expect(dsm.memberIndex).toBe(1)
  expect(await child.call('members')).toHaveLength(2)
  await child.call('close')
})

test('openDsmAsync waits without blocking the event loop', async () => {
  const child = await stoppedInOpen()
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const opening = openDsmAsync(place.options(null, { lockTimeoutMs: 30_000 }))
  await until(() => turns >= 20)
  child.signal('SIGCONT')
  const dsm = place.track(await opening)
  clearInterval(timer)
  expect(dsm.memberIndex).toBe(1)
  await child.call('close')
})

test('openDsmAsync gives up with DSM_LOCK_TIMEOUT, and with AbortError when aborted', async () => {
  const child = await stoppedInOpen()
  await expect(openDsmAsync(place.options(null, { lockTimeoutMs: 20 }))).rejects.toEqual(
    code('DSM_LOCK_TIMEOUT'),
  )
  const abort = new AbortController()
  const options = { ...place.options(null, { lockTimeoutMs: 30_000 }), signal: abort.signal }
  const opening = openDsmAsync(options)
  setTimeout(() => abort.abort(new Error('enough')), 10)
  await expect(opening).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
  await expect(openDsmAsync(options)).rejects.toMatchObject({ name: 'AbortError' })
  child.signal('SIGCONT')
  await child.call('close')
})

test('an aborted signal stops openDsmAsync before it makes a group', async () => {
  const options = { ...place.options('posix'), signal: AbortSignal.abort() }
  await expect(openDsmAsync(options)).rejects.toMatchObject({ name: 'AbortError' })
})

test('a member stopped in a section is waited for, then DSM_LOCK_TIMEOUT names it', async () => {
  const dsm = place.open('posix', { lockTimeoutMs: 50 })
  const mine = dsm.create(64)
  const child = place.member()
  await child.call('open', place.spec(null))
  await stopped(child, 3, 'create', 64)
  expect(() => dsm.create(1)).toThrow(code('DSM_LOCK_TIMEOUT'))
  expect(() => dsm.segments()).toThrow(`pid ${child.pid} (stopped)`)
  expect(mine.bytes.length).toBe(64)
  child.signal('SIGCONT')
  await until(() => stateOf(child.pid) !== 'T')
  expect(await child.call('segments')).toHaveLength(2)
  expect(dsm.create(1).size).toBe(1)
  await child.call('close')
})

test('a detach that cannot have the lock is done by a later operation', async () => {
  const warnings: string[] = []
  const quiet = () => {}
  const logger = { debug: quiet, info: quiet, error: quiet, warn: (m: string) => warnings.push(m) }
  const dsm = place.open('posix', { lockTimeoutMs: 20, logger })
  const mine = dsm.create(64)
  const { bytes, handle } = mine
  const child = place.member()
  await child.call('open', place.spec(null))
  await stopped(child, 3, 'create', 64)
  mine.detach()
  expect(bytes.length).toBe(0)
  expect(warnings).toEqual(['could not give a reference back now; a later operation will'])
  child.signal('SIGCONT')
  await child.call('segments')
  expect(dsm.segments().map(segment => segment.handle)).not.toContain(handle)
  await child.call('close')
})

test('a close that cannot have byte 0 leaves as by a death, and the next one in cleans up', async () => {
  const { lines, logger } = recorder()
  const dsm = place.open('posix', { lockTimeoutMs: 20, logger })
  dsm.create(64)
  const child = place.member()
  await child.call('load', place.spec('posix'))
  await stopped(child, 1, 'open', place.spec(null)) // it claims its entry, and has byte 0
  dsm.close()
  expect(lines.filter(line => line.startsWith('warn')).join()).toMatch(/left the group without/)
  child.signal('SIGCONT')
  const mine = [{ pid: child.pid, alive: true }]
  await expect.poll(() => child.call('members'), { timeout: 30_000 }).toMatchObject(mine)
  expect(await child.call('segments')).toEqual([])
  await child.call('close')
  expect(place.left()).toEqual([])
})
