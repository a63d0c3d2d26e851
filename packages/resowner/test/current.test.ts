/** The current owner: through calls, awaits and timers, and in both copies of the package. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ResourceOwner } from '../src/index.js'

describe('ResourceOwner.current', () => {
  test('is null outside, the innermost owner inside, and restored behind', () => {
    const [outer, inner] = [new ResourceOwner('outer'), new ResourceOwner('inner')]
    expect(ResourceOwner.current).toBeNull()
    const result = outer.run(() => {
      expect(ResourceOwner.current).toBe(outer)
      inner.run(() => expect(ResourceOwner.current).toBe(inner))
      expect(ResourceOwner.current).toBe(outer)
      return 'done'
    })
    expect([result, ResourceOwner.current]).toEqual(['done', null])
  })

  test('is restored when the function throws', () => {
    const owner = new ResourceOwner('owner')
    const fail = () => {
      throw new Error('inside')
    }
    expect(() => owner.run(fail)).toThrow('inside')
    expect(ResourceOwner.current).toBeNull()
  })

  test('follows await, timers and promises of concurrent work, each its own', async () => {
    const seen: string[] = []
    const work = async (name: string, delayMs: number) => {
      const owner = new ResourceOwner(name)
      await owner.run(async () => {
        await setTimeout(delayMs)
        seen.push(`${name} ${ResourceOwner.current?.name}`)
        await setImmediate()
        await Promise.all([1, 2].map(async () => expect(ResourceOwner.current).toBe(owner)))
      })
    }
    await Promise.all([work('slow', 20), work('fast', 1)])
    expect(seen).toEqual(['fast fast', 'slow slow'])
    expect(ResourceOwner.current).toBeNull()
  })

  test('a resource taken after an await belongs to the work’s owner', async () => {
    const released: string[] = []
    const kind = {
      name: 'file',
      phase: 'after-locks',
      priority: 1,
      release: (name: string) => released.push(name),
    } as const
    const open = (name: string) => {
      const owner = ResourceOwner.current
      owner?.enlarge()
      owner?.remember(name, kind)
    }
    const owner = new ResourceOwner('request')
    await owner.run(async () => {
      open('a')
      await setImmediate()
      open('b')
    })
    open('outside')
    owner[Symbol.dispose]()
    expect(released).toEqual(['b', 'a'])
  })
})

describe('the built package', () => {
  const folder = fileURLToPath(new URL('../dist/', import.meta.url))
  const evaluate = (script: string) => {
    expect(existsSync(`${folder}index.js`), 'run the build first').toBe(true)
    const flags = ['--input-type=module', '--eval', script]
    return JSON.parse(execFileSync(process.execPath, flags, { cwd: folder, encoding: 'utf8' }))
  }
  const both = `
    import { createRequire } from 'node:module'
    const cjs = createRequire(process.cwd() + '/x.js')('./index.cjs')
    const esm = await import('file://' + process.cwd() + '/index.js')
    const [A, B] = [esm, cjs]
  `

  test('ESM and CommonJS copies are two modules with one current owner', () => {
    const result = evaluate(`${both}
      const owner = new A.ResourceOwner('a')
      const within = await owner.run(async () => {
        await null
        return [A.ResourceOwner.current?.name, B.ResourceOwner.current?.name]
      })
      const apart = A.RELEASE_PHASES !== B.RELEASE_PHASES
      console.log(JSON.stringify({ within, apart, outside: B.ResourceOwner.current }))
    `)
    expect(result).toEqual({ within: ['a', 'a'], apart: true, outside: null })
  })

  test('an owner of one copy is a parent for the other', () => {
    const result = evaluate(`${both}
      const released = []
      const kind = { name: 'x', phase: 'locks', priority: 1, release: name => released.push(name) }
      const parent = new A.ResourceOwner('parent')
      const child = new B.ResourceOwner('child', parent)
      child.enlarge()
      child.remember('one', kind)
      parent.releaseAll({ commit: false })
      console.log(JSON.stringify({ released, is: child instanceof A.ResourceOwner }))
    `)
    expect(result).toEqual({ released: ['one'], is: true })
  })

  test('both agree whichever is loaded first', () => {
    const result = evaluate(`
      const { createRequire } = await import('node:module')
      const esm = await import('file://' + process.cwd() + '/index.js')
      const cjs = createRequire(process.cwd() + '/x.js')('./index.cjs')
      const name = new cjs.ResourceOwner('c').run(() => esm.ResourceOwner.current.name)
      console.log(JSON.stringify(name))
    `)
    expect(result).toBe('c')
  })

  test('asking for the current owner starts no AsyncLocalStorage', () => {
    const result = evaluate(`
      import { AsyncLocalStorage } from 'node:async_hooks'
      let asked = 0
      const { getStore } = AsyncLocalStorage.prototype
      AsyncLocalStorage.prototype.getStore = function () { asked++; return getStore.call(this) }
      const { ResourceOwner } = await import('file://' + process.cwd() + '/index.js')
      const before = [ResourceOwner.current, asked]
      const within = new ResourceOwner('x').run(() => {
        asked = 0
        return [ResourceOwner.current.name, asked]
      })
      console.log(JSON.stringify({ before, within }))
    `)
    expect(result).toEqual({ before: [null, 0], within: ['x', 1] })
  })
})
