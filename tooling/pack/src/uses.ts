/**
 * What a user asks for, what comes along with it, and a program that uses it. The program is given
 * once, as an ES module; as CommonJS it says `require`, as TypeScript it is the same text.
 */

const NATIVE = ['@dsm/native', 'node-addon-api', 'node-api-headers', 'node-gyp-build']
const LOCKS = ['@dsm/impl', '@dsm/lwlock', ...NATIVE]
const CORE = ['@dsm/control', '@dsm/core', '@dsm/freepage', '@dsm/resowner', ...LOCKS]

export interface Use {
  /** The arguments of `npm install`. */
  readonly asked: readonly string[]
  /** Every package that is there afterwards. */
  readonly installed: readonly string[]
  readonly program: string
  readonly prints: string
}

/** Core and one mechanism: what nearly everybody installs. */
const withCore = (kind: 'posix' | 'sysv' | 'mmap'): Use => ({
  asked: ['@dsm/core', `@dsm/impl-${kind}`],
  installed: [...CORE, `@dsm/impl-${kind}`],
  program: `
import { openDsm } from '@dsm/core'
import { ${kind} } from '@dsm/impl-${kind}'

const dsm = openDsm({ name: 'use-' + process.pid, impl: ${kind}() })
const segment = dsm.create(8192)
segment.bytes[4096] = 42
console.log('${kind}', segment.buffer.byteLength, segment.bytes[4096])
dsm.close()
`,
  prints: `${kind} 8192 42\n`,
})

export const USES: readonly Use[] = [
  withCore('posix'),
  withCore('sysv'),
  withCore('mmap'),
  {
    asked: ['@dsm/impl'],
    installed: ['@dsm/impl'],
    program: `
import { DsmError } from '@dsm/impl'
const error = new DsmError('DSM_CLOSED', 'a sentence', { op: 'open' })
console.log(DsmError.isInstance(error), error.code)
`,
    prints: 'true DSM_CLOSED\n',
  },
  {
    asked: ['@dsm/control'],
    installed: ['@dsm/control', '@dsm/freepage', ...LOCKS],
    program: `
import { readControlSegment } from '@dsm/control'
const bytes = new Uint8Array(4096)
const words = new Uint32Array(bytes.buffer)
words[0] = 0x9a503d32
words[2] = 64
const view = readControlSegment(bytes)
console.log(view?.slots.length)
`,
    prints: '0\n',
  },
  {
    asked: ['@dsm/lwlock'],
    installed: LOCKS,
    program: `
import { byteOf, LockFile, tokenOf } from '@dsm/lwlock'
const file = LockFile.open(process.pid + '.lock', { create: true })
console.log(file.take(byteOf(tokenOf(3, 1))))
file.close()
`,
    prints: 'true\n',
  },
  {
    asked: ['@dsm/freepage'],
    installed: ['@dsm/freepage'],
    program: `
import { FreePageManager, PAGE_SIZE } from '@dsm/freepage'
const pages = FreePageManager.initialize(new ArrayBuffer(101 * PAGE_SIZE))
pages.put(1, 100)
console.log(pages.get(10) !== null, pages.largest)
`,
    prints: 'true 90\n',
  },
  {
    asked: ['@dsm/resowner'],
    installed: ['@dsm/resowner'],
    program: `
import { ResourceOwner } from '@dsm/resowner'
const owner = new ResourceOwner('request')
console.log(owner.run(() => ResourceOwner.current === owner))
`,
    prints: 'true\n',
  },
  {
    asked: ['@dsm/native'],
    installed: ['@dsm/native', 'node-addon-api', 'node-api-headers'],
    program: `
import { treeVariable } from '@dsm/native'
console.log(treeVariable('@dsm/impl-posix'))
`,
    prints: '@DSM/IMPL_POSIX_PREBUILD\n',
  },
]

export const nameOf = ({ asked }: Use): string => asked.join(' and ')

export const asCommonJs = (program: string): string =>
  program.replaceAll(/^import (\{.*\}) from (.*)$/gm, 'const $1 = require($2)')
