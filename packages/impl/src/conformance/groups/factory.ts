/** The mechanism itself, and its binding to names: tested first, as all other tests stand on it. */
import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { assertFree, bytes, PAGE } from '../check.js'
import type { Suite } from '../suite.js'

export function factory(suite: Suite): void {
  const { impl } = suite

  suite.bare('factory: the mechanism says what it is, in plain data', () => {
    assert.equal(impl.contract, 1)
    assert.match(impl.kind, /^[a-z0-9-]+$/, '@dsm/impl-<kind> must be a package name')
    assert.ok(Number.isSafeInteger(impl.sizeMax) && impl.sizeMax > 0, `sizeMax ${impl.sizeMax}`)
    const flags = ['crossProcess', 'enumerate', 'ownsNames', 'survivesReboot'] as const
    for (const flag of flags) assert.equal(typeof impl.supports[flag], 'boolean', flag)
    for (const [key, value] of Object.entries(impl.options))
      assert.equal(typeof value, 'string', key)
    assert.deepEqual(JSON.parse(JSON.stringify(impl.options)), { ...impl.options })
  })

  suite.bare('factory: the mechanism cannot be changed once it is made', () => {
    assert.ok(Object.isFrozen(impl), 'impl')
    assert.ok(Object.isFrozen(impl.options), 'impl.options')
    assert.ok(Object.isFrozen(impl.supports), 'impl.supports')
  })

  suite.check('factory: every test has a scope of its own, in a private directory', room => {
    const others = suite.scopes.filter(scope => scope !== room.scope)
    assert.ok(
      others.every(scope => scope.nonce !== room.scope.nonce && scope.dir !== room.scope.dir),
    )
    assert.equal(statSync(room.scope.dir).mode & 0o777, 0o700)
  })

  suite.check('factory: opening binds to names and creates nothing', room => {
    const handle = room.handle()
    assert.deepEqual(readdirSync(room.scope.dir), [])
    assertFree(room.space, handle)
    if (impl.supports.enumerate && impl.supports.ownsNames) {
      assert.deepEqual(room.space.enumerate!(), [])
    }
  })

  suite.check('factory: a namespace knows its mechanism and its scope', room => {
    const space = room.open()
    assert.equal(space.impl, impl)
    assert.deepEqual({ ...space.scope }, JSON.parse(JSON.stringify(room.scope)))
  })

  suite.check('factory: namespaces of one scope reach the same objects', room => {
    const handle = room.handle()
    bytes(room.create(handle))[0] = 11
    const mapping = room.keep(room.open().attach(handle, PAGE))
    assert.equal(bytes(mapping)[0], 11)
  })

  suite.check('factory: optional methods are there if, and only if, they are declared', room => {
    assert.equal(typeof room.space.enumerate === 'function', impl.supports.enumerate, 'enumerate')
    assert.equal(typeof room.space.pin, typeof room.space.unpin, 'pin and unpin are a pair')
  })
}
