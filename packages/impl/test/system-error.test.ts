/** From an errno to a code and the one sentence. Which calls fail when is not known here. */
import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { DsmError, fromNativeFailure, isNativeFailure } from '../src/index.js'

const { errno } = constants
const native = (fields: object) =>
  Object.assign(
    new Error('from the addon'),
    { verb: 'open', syscall: 'shm_open', errno: 0 },
    fields,
  )

function translated(fields: object): DsmError {
  const error = fromNativeFailure(native(fields), '/dsm.x.2')
  if (!DsmError.isInstance(error)) throw new Error('not translated')
  return error
}

test('a failed system call is told in one sentence, with everything it said', () => {
  const failure = native({ verb: 'resize', syscall: 'posix_fallocate', errno: errno.ENOSPC })
  const error = fromNativeFailure(failure, '/dsm.x.2')
  expect(error).toMatchObject({
    code: 'DSM_NO_SPACE',
    message: 'could not resize shared memory segment "/dsm.x.2": no space left on device',
    op: 'resize',
    segment: '/dsm.x.2',
    errno: errno.ENOSPC,
    syscall: 'posix_fallocate',
    cause: failure,
  })
})

test('advice follows the sentence', () => {
  const error = translated({ errno: errno.ENOSPC, advice: 'Run the container with --shm-size' })
  expect(error.message).toMatch(/device\. Run the container with --shm-size$/)
})

test.each([
  ['ENOENT', 'DSM_NOT_FOUND'],
  ['ENOSPC', 'DSM_NO_SPACE'],
  ['EFBIG', 'DSM_NO_SPACE'],
  ['ENOMEM', 'DSM_NO_MEMORY'],
  ['EMFILE', 'DSM_NO_MEMORY'],
  ['ENFILE', 'DSM_NO_MEMORY'],
  ['EACCES', 'DSM_ACCESS'],
  ['EPERM', 'DSM_ACCESS'],
  ['EROFS', 'DSM_ACCESS'],
  ['ELOOP', 'DSM_FOREIGN'],
  ['ENOSYS', 'DSM_UNSUPPORTED'],
  ['EIO', 'DSM_IO'],
  ['EINVAL', 'DSM_IO'],
] as const)('%s is %s', (name, code) => {
  expect(translated({ errno: errno[name] }).code).toBe(code)
})

// libuv's names, which getSystemErrorMap gives, do not have these three.
test.each([
  ['EIDRM', 'DSM_NOT_FOUND'],
  ['EDQUOT', 'DSM_NO_SPACE'],
  ['EOPNOTSUPP', 'DSM_UNSUPPORTED'],
] as const)('%s is %s', (name, code) => {
  expect(translated({ errno: errno[name] }).code).toBe(code)
})

test('what is there but not ours is DSM_FOREIGN, and says what gave it away', () => {
  const error = translated({ foreign: 'its mode is 0644' })
  expect(error.code).toBe('DSM_FOREIGN')
  expect(error.message).toBe('could not open shared memory segment "/dsm.x.2": its mode is 0644')
  expect(error.errno).toBeUndefined()
})

test('an errno without a name is DSM_IO and says its number', () => {
  const error = translated({ errno: 9999 })
  expect(error.code).toBe('DSM_IO')
  expect(error.message).toContain('9999')
})

test('what is no native failure is returned as it is', () => {
  for (const value of [
    undefined,
    'text',
    new Error('plain'),
    new TypeError('misuse'),
    { errno: 2 },
  ]) {
    expect(isNativeFailure(value)).toBe(false)
    expect(fromNativeFailure(value, '/dsm.x.2')).toBe(value)
  }
})
