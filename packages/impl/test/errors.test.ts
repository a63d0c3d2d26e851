/** DsmError across copies of this package, and the README's table of its codes. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { DsmError } from '../src/index.js'

/** Installed copies: the sources, the ES module and the CommonJS build, each with its own class. */
const require = createRequire(import.meta.url)
const cjs: typeof import('../src/index.js') = require('../dist/index.cjs')
const esm: typeof import('../src/index.js') = await import('../dist/index.js' as string)

test('isInstance knows a DsmError of any copy, where instanceof misses', () => {
  const classes = [DsmError, cjs.DsmError, esm.DsmError]
  expect(new Set(classes).size).toBe(3)
  for (const Made of classes) {
    const error = new Made('DSM_CLOSED', 'closed', { op: 'attach' })
    for (const Asked of classes) {
      expect(Asked.isInstance(error)).toBe(true)
      expect(error instanceof Asked).toBe(Made === Asked)
    }
  }
})

test('isInstance is false for everything else, also for what looks like one', () => {
  const lookalike = { name: 'DsmError', code: 'DSM_CLOSED', message: 'closed' }
  for (const value of [null, undefined, 0, 'DSM_CLOSED', {}, new Error('x'), lookalike]) {
    expect(DsmError.isInstance(value)).toBe(false)
  }
})

test('an error carries what it was given, and nothing where it was given nothing', () => {
  const cause = new Error('below')
  const fields = { op: 'open', segment: '/dsm.x.2', errno: 13, syscall: 'shm_open', cause }
  const error = new DsmError('DSM_ACCESS', 'no', fields)
  expect(error).toMatchObject({ name: 'DsmError', code: 'DSM_ACCESS', message: 'no', ...fields })
  expect(error).toBeInstanceOf(Error)
  const bare = new DsmError('DSM_CLOSED', 'closed', { op: 'attach' })
  expect([bare.segment, bare.errno, bare.syscall]).toEqual([undefined, undefined, undefined])
  expect('cause' in bare).toBe(false)
})

test('the mark that isInstance looks for is not listed, and cannot be taken away', () => {
  const error = new DsmError('DSM_IO', 'io', { op: 'map' })
  const [mark] = Object.getOwnPropertySymbols(error).filter(one =>
    String(one).includes('@dsm/impl'),
  )
  expect(Object.getOwnPropertyDescriptor(error, mark!)).toMatchObject({
    enumerable: false,
    writable: false,
    configurable: false,
  })
})

test('the README tells of every code, once, when it is thrown and what to do', () => {
  const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const codes = [...text('../src/errors.ts').matchAll(/^ {2}\| '(DSM_\w+)'$/gm)].map(at => at[1])
  const rows = text('../README.md').matchAll(/^\| `(DSM_\w+)` \| [^|]+ \| [^|]+ \|$/gm)
  expect(codes.length).toBeGreaterThan(20)
  expect([...rows].map(at => at[1])).toEqual(codes)
})
