/** `dsm pg` on a PostgreSQL server that lives, on one that was killed, and on what is none. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dsm, json } from './support/place.js'
import { bin, Server, served } from './support/postgres.js'

describe('a server', () => {
  let server: Server
  if (bin !== null) {
    beforeAll(async () => {
      server = new Server()
      await server.make()
    }, 200_000)
    afterAll(async () => {
      await server.stop()
      server.end()
    }, 60_000)
  }

  const shm = () => readdirSync('/dev/shm').filter(name => name.startsWith('PostgreSQL.'))

  for (const kind of ['posix', 'sysv', 'mmap'] as const) {
    served(`with ${kind} is shown as it says of itself, and left as it is`, async () => {
      await server.start({ dynamic_shared_memory_type: kind })
      server.hold()
      const seen = await vi.waitFor(
        async () => {
          const { server: view } = await json('pg', server.data)
          expect(view.segments.length).toBeGreaterThan(1)
          return view
        },
        { timeout: 20_000, interval: 100 },
      )
      expect(seen).toMatchObject({ pid: server.pid, running: true, kind, sane: true })
      expect(seen.controlHandle).toBe(server.controlHandle())
      for (const { handle, size, refcnt, osName } of seen.segments) {
        expect(refcnt).toBeGreaterThanOrEqual(2)
        expect(size).toBeGreaterThan(0)
        if (kind === 'posix') expect(osName).toBe(`/PostgreSQL.${handle}`)
        if (kind === 'posix') expect(size).toBe(statSync(`/dev/shm${osName}`).size)
        if (kind === 'mmap') expect(size).toBe(statSync(osName).size)
      }
      const before = shm()
      const { code, stdout } = await dsm(['pg', server.data], { columns: 80 })
      expect(code).toBe(0)
      expect(stdout).toContain(`runs, pid ${server.pid}`)
      for (const line of stdout.split('\n').slice(4)) expect(line.length).toBeLessThanOrEqual(80)
      expect(shm()).toEqual(before)
      await server.stop()
    })
  }

  served('with a main region has segments in pages of it', async () => {
    const settings = { dynamic_shared_memory_type: 'posix', min_dynamic_shared_memory: '4MB' }
    await server.start(settings)
    server.hold()
    await vi.waitFor(
      async () => {
        const { server: view } = await json('pg', server.data)
        const carved = view.segments.filter((each: { kind: string }) => each.kind === 'main-region')
        expect(carved.length).toBeGreaterThan(0)
        for (const { osName, npages, size } of carved) {
          expect({ osName, size }).toEqual({ osName: null, size: npages * 4096 })
        }
      },
      { timeout: 20_000, interval: 100 },
    )
    expect((await dsm(['pg', server.data])).stdout).toMatch(/pages \d+–\d+/)
    await server.stop()
  })

  served(
    'that was killed is told from one that runs: exit code 1, and nothing is removed',
    async () => {
      await server.start({ dynamic_shared_memory_type: 'posix' })
      await server.kill()
      const before = shm()
      const { code, stdout } = await dsm(['pg', server.data])
      expect(code).toBe(1)
      expect(stdout).toContain('is dead')
      expect(await json('pg', server.data)).toMatchObject({
        server: { running: false, sane: true },
      })
      expect(shm()).toEqual(before)
      await server.start({ dynamic_shared_memory_type: 'posix' }) // it cleans up after itself
      await server.stop()
      const { error } = await json('pg', server.data)
      expect(error).toMatchObject({ code: 'DSM_NOT_FOUND' })
      expect(error.message).toContain('no server runs in it')
    },
  )
})

test('what is no data directory, or names nothing, is said so', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dsm-cli-nopg-'))
  const codeOf = async (path: string) => (await json('pg', path)).error.code
  expect(await codeOf(join(dir, 'absent'))).toBe('DSM_NOT_FOUND')
  expect(await codeOf(dir)).toBe('DSM_NOT_FOUND')
  mkdirSync(join(dir, 'data'))
  writeFileSync(join(dir, 'data', 'PG_VERSION'), '15\n')
  for (const text of ['', '12\n', 'x\n'.repeat(8), '1\n2\n3\n4\n5\n6\n 17 99999999 \nready\n']) {
    writeFileSync(join(dir, 'data', 'postmaster.pid'), text)
    expect(await codeOf(join(dir, 'data'))).toBe('DSM_NOT_FOUND')
    expect((await dsm(['pg', join(dir, 'data')])).code).toBe(1)
  }
  expect((await dsm(['pg'])).code).toBe(2)
  rmSync(dir, { recursive: true })
})
