/**
 * A mechanism in plain JavaScript, for the tests of the suite: objects are files, each mapping has
 * an ArrayBuffer of its own, and bytes are exchanged with the file whenever `buffer` is asked for.
 * So it works between processes and keeps every promise that the suite can see; slowly, and without
 * sharing memory. `broken` names the one promise that it does not keep. Not TypeScript, because
 * child processes of plain Node import it.
 */
import { randomInt } from 'node:crypto'
import {
  chmodSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { abortError, defineImpl } from '../dist/index.js'
import { disguised } from './reference-disguise.mjs'
import { HEADER_BYTES, Mapping, ObjectFile, siblings } from './reference-mapping.mjs'

const OPEN = constants.O_RDWR | constants.O_NOFOLLOW
const MAKE = OPEN | constants.O_CREAT
/** File systems stamp with a clock that ticks a few times per second only. */
const CLOCK_GRAIN_MS = 20

export function reference({ dir = '/nowhere', broken, crossProcess = true } = {}) {
  const impl = defineImpl({
    kind: 'reference',
    options: { dir },
    supports: { crossProcess, enumerate: true, ownsNames: true, survivesReboot: true },
    sizeMax: 2 ** 30,
    open: scope => new Space(scope, broken === 'uses its own options' ? dir : null, broken),
  })
  return disguised(impl, broken)
}

export { plugLeaks } from './reference-mapping.mjs'
export const remainingFiles = dir => readdirSync(dir)

let namespaces = 0

class Space {
  #number
  #scope
  #dir
  #broken
  #mappings = []

  constructor(scope, dir, broken) {
    this.#scope = scope
    this.#dir = dir ?? scope.options.dir
    this.#broken = broken
    this.#number = ++namespaces
    if (broken !== 'writes to scope.dir') return
    writeFileSync(join(scope.dir, 'cache'), '')
    chmodSync(scope.dir, 0o755)
  }

  get #prefix() {
    if (this.#broken === 'shares names between scopes') return 'shared.'
    const number = this.#broken === 'shares nothing between namespaces' ? this.#number : ''
    return `${this.#scope.nonce}${number}.`
  }

  osName(handle) {
    const folded = this.#broken === 'has one name for two handles' && handle > 2 ** 31
    return join(this.#dir, this.#prefix + (folded ? 2 ** 32 - handle : handle))
  }

  create(handle, size) {
    try {
      const file = this.#make(handle)
      return file && this.#sized(file, size)
    } catch (error) {
      if (this.#broken === 'null on any error') return null
      throw error
    }
  }

  async createAsync(handle, size, { signal }) {
    if (this.#broken === 'names late') await setImmediate()
    const file = this.#make(handle)
    if (file === null) return null
    await setImmediate()
    if (signal?.aborted && this.#broken !== 'abort resolves') {
      file.release()
      if (this.#broken !== 'abort leaves the name') unlinkSync(file.path)
      throw abortError(signal)
    }
    return this.#sized(file, size)
  }

  attach(handle, size) {
    const path = this.osName(handle)
    const creates = this.#broken === 'attach creates' && !existsSync(path)
    if (creates) return this.create(handle, size)
    const file = this.#open(handle, 'open')
    const foreign = this.#whatIsForeign(file, size)
    if (foreign !== null) {
      if (this.#broken === 'leaks descriptors') file.leak()
      else file.release()
      throw native('open', 'fstat', 0, foreign)
    }
    return this.#map(file, size)
  }

  destroy(handle, evidence) {
    let file
    try {
      file = this.#open(handle, 'remove')
    } catch (error) {
      if (error.errno === 2 && this.#broken !== 'destroy wants an object') return true
      if (error.foreign !== undefined) return this.#unlinkForeign(handle)
      throw error
    }
    const ours = this.#mayRemove(file, evidence)
    if (ours) unlinkSync(file.path)
    if (ours && this.#broken === 'destroy empties mappings') {
      for (const mapping of [...siblings(file.identity)]) mapping.detach()
    }
    file.release()
    return ours
  }

  enumerate() {
    const names = readdirSync(this.#dir).filter(name => name.startsWith(this.#prefix))
    const handles = names.map(name => Number(name.slice(this.#prefix.length)))
    return this.#broken === 'enumerate forgets' ? handles.slice(1) : handles
  }

  close() {
    if (this.#broken !== 'close ends mappings') return
    for (const mapping of this.#mappings) mapping.detach()
  }

  /** null: taken. Else a file with a header and no bytes yet. */
  #make(handle) {
    const path = this.osName(handle)
    const adopts = this.#broken === 'adopts'
    if (this.#broken === 'looks before it makes') {
      if (existsSync(path)) return null
      const start = performance.now()
      while (performance.now() - start < 1);
      return this.#headed(
        handle,
        system('create', () => openSync(path, MAKE, 0o600)),
      )
    }
    if (adopts && existsSync(path)) return this.#open(handle, 'open')
    try {
      const flags = MAKE | constants.O_EXCL
      return this.#headed(
        handle,
        system('create', () => openSync(path, flags, 0o600)),
      )
    } catch (error) {
      if (error.errno === 17) return null
      throw error
    }
  }

  #headed(handle, descriptor) {
    const file = new ObjectFile(this.osName(handle), descriptor, this.#identify(handle))
    file.writeHeader()
    return file
  }

  #identify(handle) {
    if (this.#broken === 'identity is the handle') return handle
    if (this.#broken === 'identity is nothing') return 0
    return randomInt(1, 2 ** 48 - 1)
  }

  #sized(file, size) {
    try {
      system('resize', () => ftruncateSync(file.descriptor, HEADER_BYTES + this.#rounded(size)))
    } catch (error) {
      file.release()
      if (this.#broken !== 'failure leaves the name') unlinkSync(file.path)
      throw error
    }
    if (this.#broken === 'does not zero') {
      writeSync(file.descriptor, Buffer.alloc(Math.min(size, 512), 0xdb), 0, null, HEADER_BYTES)
    }
    return this.#map(file, size)
  }

  #open(handle, verb) {
    const path = this.osName(handle)
    let descriptor
    try {
      descriptor = system(verb, () => openSync(path, this.#flags))
    } catch (error) {
      const mute = this.#broken === 'does not say foreign'
      if (!mute && (error.errno === 21 || error.errno === 40)) {
        throw native(verb, 'open', error.errno, 'it is no plain file')
      }
      throw error
    }
    const header = Buffer.alloc(HEADER_BYTES)
    readSync(descriptor, header, 0, HEADER_BYTES, 0)
    return new ObjectFile(path, descriptor, Number(header.readBigUInt64LE()))
  }

  get #flags() {
    return this.#broken === 'follows links' ? constants.O_RDWR : OPEN
  }

  #whatIsForeign(file, size) {
    const stat = fstatSync(file.descriptor)
    const private_ = stat.uid === process.geteuid() && (stat.mode & 0o777) === 0o600
    if (!private_ && this.#broken !== 'attaches foreign') return 'its owner or mode is not ours'
    const has = stat.size - HEADER_BYTES
    if (size === undefined || this.#broken === 'ignores the length') return null
    if (has === this.#rounded(size)) return null
    return `it has ${has} bytes instead of ${size}`
  }

  #mayRemove(file, evidence) {
    if (this.#broken === 'removes foreign') return true
    if (this.#whatIsForeign(file) !== null) return false
    if (evidence === undefined || this.#broken === 'ignores evidence') return true
    if (evidence.identity !== 0) return evidence.identity === file.identity
    const { size, birthtimeMs } = fstatSync(file.descriptor)
    const young = birthtimeMs + CLOCK_GRAIN_MS >= evidence.recordedAtMs
    const sized = size <= HEADER_BYTES || size === HEADER_BYTES + evidence.size
    return sized && (young || this.#broken === 'ignores the time of making')
  }

  #unlinkForeign(handle) {
    if (this.#broken === 'removes foreign') unlinkSync(this.osName(handle))
    return false
  }

  #map(file, size) {
    const mapping = new Mapping(file, 0, this.#rounded(size), this.#broken)
    this.#mappings.push(mapping)
    return mapping
  }

  #rounded(size) {
    return this.#broken === 'rounds the size' ? Math.floor(size / 4096 + 1) * 4096 : size
  }
}

/** A failure as an addon throws it. */
function native(verb, syscall, errno, foreign) {
  const what = foreign === undefined ? {} : { foreign }
  return Object.assign(new Error(`${syscall} failed`), { verb, syscall, errno, ...what })
}

function system(verb, work) {
  try {
    return work()
  } catch (error) {
    throw native(verb, error.syscall, -error.errno)
  }
}
