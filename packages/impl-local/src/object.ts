/**
 * The bytes of one local object and the buffers through which they are seen.
 *
 * JavaScript cannot lay two ArrayBuffers over the same bytes. So there are windows: a window is one
 * ArrayBuffer over a range of the object, shared by all mappings of that range when buffers are
 * `live`, or by one mapping alone when every mapping has its `own`. With more than one window the
 * object is kept coherent the way distributed shared memory does it: each window has a twin, the
 * bytes as they were at the last exchange; an exchange moves what differs from the twin into the
 * object and the object into every window. It happens at each use of `mapping.buffer` and at each
 * `detach`, never in between. Not safe against two writers of one byte between two exchanges: the
 * older window's byte stands, as the whole mapping of a main region is older than its parts.
 */

/** Bytes compared at once. */
const CHUNK_BYTES = 4096

export interface Window {
  readonly offset: number
  readonly size: number
  buffer: ArrayBuffer
  /** null where the window's buffer is the object itself. */
  readonly twin: Uint8Array | null
  mappings: number
}

export class LocalBytes {
  #store: ArrayBuffer
  readonly #windows: Window[] = []

  constructor(size: number) {
    this.#store = new ArrayBuffer(size)
  }

  /** A window over [offset, offset + size): an existing one if it may be shared. */
  acquire(offset: number, size: number, shared: boolean): Window {
    const known = shared && this.#windows.find(w => w.offset === offset && w.size === size)
    if (known) {
      known.mappings++
      return known
    }
    this.exchange()
    const whole = offset === 0 && size === this.#store.byteLength
    const buffer = shared && whole ? this.#store : this.#store.slice(offset, offset + size)
    const twin = buffer === this.#store ? null : new Uint8Array(buffer.slice(0))
    const window = { offset, size, buffer, twin, mappings: 1 }
    this.#windows.push(window)
    return window
  }

  /** Gives a window back; with its last mapping its buffer is emptied. */
  release(window: Window): void {
    this.exchange()
    if (--window.mappings > 0) return
    this.#windows.splice(this.#windows.indexOf(window), 1)
    const moved = emptied(window.buffer)
    if (window.twin === null) this.#store = moved ?? new ArrayBuffer(window.size)
  }

  /** Makes all windows agree. */
  exchange(): void {
    const windows = this.#windows.filter(w => w.twin !== null && w.buffer.byteLength === w.size)
    if (windows.length === 0 || this.#store.byteLength === 0) return
    const store = new Uint8Array(this.#store)
    for (const window of windows) collect(window, store)
    for (const { buffer, twin, offset, size } of windows) {
      const now = store.subarray(offset, offset + size)
      if (Buffer.compare(now, twin!) === 0 && Buffer.compare(now, new Uint8Array(buffer)) === 0) {
        continue
      }
      new Uint8Array(buffer).set(now)
      twin!.set(now)
    }
  }
}

/** Moves what `window` changed since the last exchange into the object. */
function collect(window: Window, store: Uint8Array): void {
  const mine = new Uint8Array(window.buffer)
  const twin = window.twin!
  for (let start = 0; start < window.size; start += CHUNK_BYTES) {
    const end = Math.min(start + CHUNK_BYTES, window.size)
    if (Buffer.compare(mine.subarray(start, end), twin.subarray(start, end)) === 0) continue
    for (let at = start; at < end; at++) {
      const changed = mine[at] !== twin[at] && store[window.offset + at] === twin[at]
      if (changed) store[window.offset + at] = mine[at]!
    }
  }
}

/**
 * Detaches a buffer: every view of it has length 0 now. Its bytes, or null if it was moved away.
 */
function emptied(buffer: ArrayBuffer): ArrayBuffer | null {
  return buffer.byteLength === 0 ? null : structuredClone(buffer, { transfer: [buffer] })
}
