/** A file system that is full: DSM_NO_SPACE at create, with advice, and never SIGBUS later. */
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { type Kind, usePlace } from './support/place.js'

const place = usePlace()
/** A mount namespace of its own, so that the machine sees no mount of ours. */
const namespaced = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
const WHY = 'mounting a tmpfs needs root and unshare(1), which are not to be had here'

const mounted = (where: string, size: string) => [
  'unshare',
  '-m',
  'sh',
  '-c',
  `mkdir -p ${where} && mount -t tmpfs -o size=${size},mode=1777 none ${where} && exec "$0" "$@"`,
]

describe.each(['posix', 'mmap'] as Kind[])('on %s, in 1 MiB', kind => {
  // In the child's namespace, the place's directories are hidden below the new mount.
  const small = () => place.member('process', mounted('/dev/shm', '1m'))
  const spec = () => ({
    ...place.spec(kind),
    name: undefined,
    dir: '/dev/shm/group',
    mmapDir: '/dev/shm/mmap',
  })

  test('a segment that cannot fit is DSM_NO_SPACE with advice, and the rest goes on', async ctx => {
    if (!namespaced) ctx.skip(WHY)
    const child = small()
    await child.call('open', spec())
    const before = await child.call('list', '/dev/shm')
    for (const op of ['create', 'createAsync']) {
      await expect(child.call(op, 2 << 20)).rejects.toMatchObject({
        code: 'DSM_NO_SPACE',
        message: expect.stringMatching(
          /could not resize .*no space left.*\d+ of 1048576 bytes are free/,
        ),
      })
    }
    expect(await child.call('list', '/dev/shm')).toEqual(before)
    expect(await child.call('segments')).toEqual([])
    expect((await child.call('create', 100_000)).size).toBe(100_000)
    await child.call('close')
    expect(await child.call('list', '/dev/shm')).toEqual(kind === 'mmap' ? ['mmap'] : [])
  })

  test('filled to the brim: every byte that was given can be written', async ctx => {
    if (!namespaced) ctx.skip(WHY)
    const child = small()
    await child.call('open', spec())
    const filled = await child.call('fill', 150_000)
    expect(filled).toBeGreaterThanOrEqual(5)
    expect(filled).toBeLessThanOrEqual(6)
    await expect(child.call('create', 150_000)).rejects.toMatchObject({ code: 'DSM_NO_SPACE' })
    await child.call('detachAll')
    expect(await child.call('fill', 150_000)).toBe(filled)
    await child.call('close')
    expect(await child.call('list', '/dev/shm')).toEqual(kind === 'mmap' ? ['mmap'] : [])
  })

  test('no room for the group itself: DSM_NO_SPACE, and nothing is left', async ctx => {
    if (!namespaced) ctx.skip(WHY)
    const child = small()
    const large = { ...spec(), maxMembers: 64, maxSegments: 65_535 }
    await expect(child.call('open', large)).rejects.toMatchObject({ code: 'DSM_NO_SPACE' })
    expect(await child.call('list', '/dev/shm')).toEqual(kind === 'mmap' ? ['mmap'] : [])
  })
})

test('posix in a container is told of --shm-size', async ctx => {
  if (!namespaced) ctx.skip(WHY)
  const child = place.member('process', mounted('/dev/shm', '1m'))
  await child.call('open', { ...place.spec('posix'), name: undefined, dir: '/dev/shm/group' })
  await expect(child.call('create', 2 << 20)).rejects.toMatchObject({
    message: expect.stringContaining('--shm-size'),
  })
  await child.call('close')
})
