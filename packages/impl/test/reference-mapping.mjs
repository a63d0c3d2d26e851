/**
 * The mappings of the reference mechanism: an ArrayBuffer each, and a twin that remembers the bytes
 * of the last exchange. What differs from the twin was written here and goes into the file; then
 * the file's bytes come back. All mappings of a process are exchanged together.
 */
import { randomInt } from 'node:crypto'
import { closeSync, readSync, rmSync, writeSync } from 'node:fs'
import { DsmError, integerBetween, outOfRange } from '../dist/index.js'

/** Each file begins with its object's identity. */
export const HEADER_BYTES = 8
const PAGE_BYTES = 4096

const leaked = []

/** Closes what the leaking defects left open, lest they take the tests down with them. */
export function plugLeaks() {
  for (const file of leaked.splice(0)) file.release()
}

export class ObjectFile {
  #users = 1

  constructor(path, descriptor, identity) {
    this.path = path
    this.descriptor = descriptor
    this.identity = identity
  }

  writeHeader() {
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeBigUInt64LE(BigInt(this.identity))
    writeSync(this.descriptor, header, 0, HEADER_BYTES, 0)
  }

  retain() {
    this.#users++
    return this
  }

  leak() {
    leaked.push(this)
  }

  release() {
    if (--this.#users === 0) closeSync(this.descriptor)
  }
}

const mapped = new Map()

/** The mappings of one object in this process whose buffer was asked for. */
export function siblings(identity) {
  const known = mapped.get(identity) ?? new Set()
  mapped.set(identity, known)
  return known
}

export class Mapping {
  #file
  #offset
  #broken
  #parent
  #parts = []
  #buffer = null
  #twin = null
  #detached = false

  constructor(file, offset, size, broken, parent = null) {
    this.#file = file
    this.#offset = offset
    this.size = size
    const own = broken === 'identity is of the mapping'
    this.identity = own ? randomInt(1, 2 ** 48 - 1) : file.identity
    this.#broken = broken
    this.#parent = parent
  }

  get buffer() {
    if (this.#detached && this.#buffer === null) {
      if (this.#broken === 'gives a buffer after detach') return new ArrayBuffer(0)
      throw this.#gone('buffer')
    }
    if (this.#detached) return this.#buffer
    if (this.#buffer === null) {
      this.#buffer = new ArrayBuffer(this.size)
      this.#twin = new Uint8Array(this.size)
      this.#pull()
      if (!this.#isCopy) siblings(this.#file.identity).add(this)
    }
    const all = siblings(this.#file.identity)
    for (const mapping of all) mapping.#push()
    for (const mapping of all) mapping.#pull()
    return this.#buffer
  }

  part(offset, size) {
    integerBetween('offset', offset, 0, this.size - 1)
    integerBetween('size', size, 1, this.size - offset)
    if (offset % PAGE_BYTES !== 0) throw outOfRange('offset', 'a multiple of 4096', offset)
    if (this.#detached && this.#broken !== 'gives a buffer after detach') throw this.#gone('part')
    for (const mapping of siblings(this.#file.identity)) mapping.#push()
    const file = this.#file.retain()
    const part = new Mapping(file, this.#offset + offset, size, this.#broken, this)
    this.#parts.push(part)
    return part
  }

  detach() {
    if (this.#detached && this.#broken === 'detaches once only') throw new Error('detached twice')
    if (this.#detached) return
    if (this.#broken === 'wants its buffer back' && this.#buffer?.byteLength === 0) {
      throw new Error('where is my buffer?')
    }
    this.#detached = true
    this.#push()
    siblings(this.#file.identity).delete(this)
    if (this.#buffer?.byteLength && this.#broken !== 'leaves the length') {
      structuredClone(this.#buffer, { transfer: [this.#buffer] })
    }
    if (this.#broken === 'keeps its files open') this.#file.leak()
    else this.#file.release()
    if (this.#broken === 'part dies with its parent') for (const part of this.#parts) part.detach()
    if (this.#broken === 'part takes its parent along') this.#parent?.detach()
    if (this.#broken === 'detach removes the object') rmSync(this.#file.path, { force: true })
    if (this.#broken === 'detach empties every mapping') {
      for (const mapping of siblings(this.#file.identity)) mapping.detach()
    }
  }

  get #isCopy() {
    if (this.#broken === 'maps copies') return true
    return this.#parent !== null && this.#broken === 'part is a copy'
  }

  /** Bytes that were written here since the last exchange go into the file. */
  #push() {
    if (!this.#buffer?.byteLength || this.#isCopy) return
    const mine = Buffer.from(this.#buffer)
    for (let start = 0; start < this.size; start += PAGE_BYTES) {
      const end = Math.min(start + PAGE_BYTES, this.size)
      if (mine.compare(this.#twin, start, end, start, end) === 0) continue
      for (let at = start; at < end; at++) {
        const from = at
        while (at < end && mine[at] !== this.#twin[at]) at++
        if (at > from) writeSync(this.#file.descriptor, mine, from, at - from, this.#at(from))
      }
    }
    this.#twin.set(mine)
  }

  #pull() {
    if (!this.#buffer?.byteLength) return
    readSync(this.#file.descriptor, this.#twin, 0, this.size, this.#at(0))
    new Uint8Array(this.#buffer).set(this.#twin)
  }

  #at(index) {
    return HEADER_BYTES + this.#offset + index
  }

  #gone(op) {
    const message = `this mapping of shared memory segment "${this.#file.path}" is detached`
    return new DsmError('DSM_DETACHED', message, { op, segment: this.#file.path })
  }
}
