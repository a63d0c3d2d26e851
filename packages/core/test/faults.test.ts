/** The mechanism fails in the middle of an operation: what was begun is undone, or done later. */
import { LocalFaults, local } from '@dsm/impl-local'
import { expect, test } from 'vitest'
import type { Dsm } from '../src/index.js'
import { code, recorder, usePlace } from './support/place.js'

const place = usePlace()
const faults = new LocalFaults()

function open(options = {}): Dsm {
  faults.reset()
  const sizes = { maxMembers: 4, maxSegments: 2 }
  return place.open(null, { impl: local({ faults }), ...sizes, ...options })
}

test('case 5: a first opener that cannot make the control segment leaves nothing', () => {
  for (const operation of ['open', 'create', 'map'] as const) {
    faults.reset()
    faults.at(operation, 1, { errno: 'ENOSPC' })
    const sizes = { maxMembers: 4, maxSegments: 2 }
    const attempt = () => place.open(null, { impl: local({ faults }), ...sizes })
    expect(attempt, operation).toThrow(code('DSM_NO_SPACE'))
    expect(faults.pending()).toEqual([])
  }
})

test('case 4: a taken name of the control segment is drawn again without a word', () => {
  const { lines, logger } = recorder()
  faults.reset()
  faults.at('create', 1, 'taken').at('create', 2, 'taken')
  const dsm = place.open(null, { impl: local({ faults }), maxMembers: 4, maxSegments: 2, logger })
  expect(faults.count('create')).toBe(3)
  expect(dsm.members()).toHaveLength(1)
  expect(lines).toEqual([])
})

test.each(['create', 'map'] as const)(
  'case 38: a create that fails in %s leaves no slot',
  where => {
    const dsm = open()
    faults.at(where, 1, { errno: 'ENOSPC', verb: 'resize' })
    expect(() => dsm.create(64)).toThrow(code('DSM_NO_SPACE'))
    expect(dsm.segments()).toEqual([])
    expect([dsm.create(1).size, dsm.create(1).size]).toEqual([1, 1])
  },
)

test.each(['createAsync', 'allocate', 'map'] as const)(
  'a createAsync that fails in %s leaves no slot',
  async where => {
    const dsm = open()
    faults.at(where, 1, { errno: 'ENOSPC', verb: 'resize' })
    await expect(dsm.createAsync(64)).rejects.toEqual(code('DSM_NO_SPACE'))
    expect(dsm.segments()).toEqual([])
    expect([dsm.create(1).size, (await dsm.createAsync(1)).size]).toEqual([1, 1])
  },
)

test('a taken name is drawn again; so many in a row are DSM_FOREIGN', async () => {
  const dsm = open()
  faults.at('create', 1, 'taken').at('createAsync', 1, 'taken')
  const made = [dsm.create(64), await dsm.createAsync(64)]
  expect(dsm.segments().map(({ handle }) => handle)).toEqual(made.map(({ handle }) => handle))
  dsm.detachAll()
  for (let nth = 1; nth <= 9; nth++)
    faults.at('create', nth, 'taken').at('createAsync', nth, 'taken')
  expect(() => dsm.create(64)).toThrow(code('DSM_FOREIGN'))
  await expect(dsm.createAsync(64)).rejects.toEqual(code('DSM_FOREIGN'))
  expect(dsm.segments()).toEqual([])
  faults.reset()
  expect([dsm.create(1).size, dsm.create(1).size]).toEqual([1, 1])
})

test.each(['attach', 'map'] as const)(
  'case 57: an attach that fails in %s gives the reference back, and works again',
  where => {
    const dsm = open()
    const other = place.open(null, { impl: local({ faults }) })
    const { handle } = dsm.create(64)
    const before = dsm.segments()
    faults.at(where, 1, { errno: 'ENOENT' })
    expect(() => other.attach(handle)).toThrow(code('DSM_NOT_FOUND'))
    expect(dsm.segments()).toEqual(before)
    expect(other.findMapping(handle)).toBe(null)
    expect(other.attach(handle)?.size).toBe(64)
  },
)

test('case 58: should the others let go during a failing attach, the segment is removed', () => {
  const dsm = open()
  const other = place.open(null, { impl: local({ faults }) })
  const segment = dsm.create(64)
  faults.at('attach', 1, {
    before: () => {
      segment.detach()
      throw Object.assign(new Error('gone'), { verb: 'open', syscall: 'open', errno: 2 })
    },
  })
  expect(() => other.attach(segment.handle)).toThrow(code('DSM_NOT_FOUND'))
  expect(dsm.segments()).toEqual([])
})

test('case 62: a failed removal is warned of, and a later sweep finishes it', async () => {
  const { lines, logger } = recorder()
  const dsm = open({ logger })
  const { handle } = dsm.create(64)
  faults.at('destroy', 1, { errno: 'EIO' })
  dsm.detachAll()
  expect(lines.filter(line => line.startsWith('warn')).join()).toMatch(/could not remove a segment/)
  expect(dsm.segments()).toMatchObject([{ handle, refcnt: 1 }])
  expect(dsm.attach(handle)).toBe(null)
  await expect.poll(() => dsm.segments(), { timeout: 30_000 }).toEqual([])
})

test('case 20: one failing removal does not keep the last one out from the others', () => {
  const { lines, logger } = recorder()
  const dsm = open({ logger })
  dsm.create(64)
  dsm.create(64)
  faults.at('destroy', 1, { errno: 'EIO' })
  dsm.close()
  expect(lines.filter(line => line.startsWith('warn')).join()).toMatch(/could not remove/)
})

test('a segment that the mechanism calls foreign is left to its owner, with a warning', () => {
  const { lines, logger } = recorder()
  const dsm = open({ logger })
  dsm.create(64)
  faults.at('destroy', 1, 'foreign')
  dsm.detachAll()
  expect(lines.join()).toMatch(/left an object that is not ours under a name of ours/)
  expect(dsm.segments()).toEqual([])
  dsm.close()
})
