/**
 * One member of the campaign `random-kill`: does everything that the public API offers, at random,
 * and checks what it gets. It may be killed or terminated at any instant, so it keeps nothing that
 * is needed afterwards; what it counts, it counts on the board.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Dsm, DsmError, type DsmLogger, openDsm, type Segment } from '@dsm/core'
import { BOARD, type ChurnOptions, OPERATIONS, type Operation } from './churn-protocol.js'
import { Random } from './random.js'
import { warningsTo } from './warnings.js'

const HELD_MAX = 6
const SIZE_MIN = 8
const SIZE_MAX = 1 << 18
const PAUSE_ONE_IN = 10
const PAUSE_MS_MAX = 4
/** Of a mortal process's lock sections, one in so many is its last. */
const DIE_IN_LOCK = 40

/** Of a mortal process's initialisations, one in so many is its last. */
const DIE_IN_INIT = 10
const NAMES = 6
const MADE_SIZE = 1024

/** How often each operation is chosen, of 100. */
const SHARES: Readonly<Record<Operation, number>> = {
  create: 18,
  createAsync: 8,
  attach: 22,
  detach: 16,
  pin: 4,
  unpin: 6,
  lock: 10,
  getOrCreate: 4,
  publish: 3,
  lookup: 4,
  list: 3,
  reopen: 2,
}

/** Errors that are right: another member was quicker, or all slots are taken. */
const EXPECTED: Readonly<Partial<Record<Operation, readonly string[]>>> = {
  attach: ['DSM_ALREADY_ATTACHED'],
  lookup: ['DSM_ALREADY_ATTACHED'],
  pin: ['DSM_ALREADY_PINNED'],
  unpin: ['DSM_UNKNOWN_HANDLE', 'DSM_NOT_PINNED'],
  getOrCreate: ['DSM_TOO_MANY_SEGMENTS'],
}

export class Churn {
  readonly #options: ChurnOptions
  readonly #random: Random
  readonly #tell: (problem: string) => void
  readonly #logger: DsmLogger
  #dsm: Dsm
  #board: Segment
  #words: Int32Array
  readonly #held = new Map<number, Segment>()
  #handles: number[] = []

  constructor(options: ChurnOptions, seed: number, tell: (problem: string) => void) {
    this.#options = options
    this.#random = new Random(seed)
    this.#tell = tell
    this.#logger = warningsTo(tell)
    this.#dsm = this.#open()
    const board = this.#dsm.attach(options.board)
    if (board === null) throw new Error('the board is gone')
    this.#board = board
    this.#words = new Int32Array(board.buffer)
  }

  #open(): Dsm {
    return openDsm({ name: this.#options.group, logger: this.#logger })
  }

  /** Until the board says stop; then leaves. */
  async run(): Promise<void> {
    while (this.#words.length > 0 && Atomics.load(this.#words, BOARD.stop) === 0) {
      if (Atomics.load(this.#words, BOARD.rest) !== 0) {
        await this.#rest()
        continue
      }
      await this.#step(this.#choose())
      if (this.#random.oneIn(PAUSE_ONE_IN)) await delay(this.#random.below(PAUSE_MS_MAX))
    }
    this.#dsm.close()
  }

  async #rest(): Promise<void> {
    for (const segment of this.#held.values()) segment.detach()
    this.#held.clear()
    await delay(PAUSE_MS_MAX)
  }

  #choose(): Operation {
    let share = this.#random.below(100)
    for (const operation of OPERATIONS) {
      share -= SHARES[operation]
      if (share < 0) return operation
    }
    return 'list'
  }

  async #step(operation: Operation): Promise<void> {
    const started = performance.now()
    try {
      if (operation === 'createAsync') await this.#createAsync()
      else this[operation]()
    } catch (error) {
      const known = DsmError.isInstance(error) && EXPECTED[operation]?.includes(error.code)
      if (!known) this.#tell(`${operation} threw: ${(error as Error).stack}`)
    }
    if (this.#words.length === 0) return
    const took = Math.round((performance.now() - started) * 1000)
    if (operation !== 'createAsync') this.#longest(took)
    Atomics.add(this.#words, BOARD.counts + OPERATIONS.indexOf(operation), 1)
  }

  #longest(took: number): void {
    let before = Atomics.load(this.#words, BOARD.longestCallMicroseconds)
    while (took > before) {
      const seen = Atomics.compareExchange(this.#words, BOARD.longestCallMicroseconds, before, took)
      if (seen === before) return
      before = seen
    }
  }

  create(): void {
    const size = this.#random.magnitude(SIZE_MIN, SIZE_MAX)
    const ownObject = this.#random.oneIn(4)
    this.#keep(this.#dsm.create(size, { nullIfMaxSegments: true, ownObject }), size)
  }

  async #createAsync(): Promise<void> {
    const size = this.#random.magnitude(SIZE_MIN, SIZE_MAX)
    const abort = new AbortController()
    const ownObject = this.#random.oneIn(2)
    const options = { nullIfMaxSegments: true, ownObject, signal: abort.signal } as const
    const created = this.#dsm.createAsync(size, options)
    if (this.#random.oneIn(4)) abort.abort()
    try {
      this.#keep(await created, size)
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error
    }
  }

  /** Zeroed when new; its handle is written at both ends. null: all slots are taken. */
  #keep(segment: Segment | null, size: number): void {
    if (segment === null) {
      this.detach() // makes room
      return
    }
    const { bytes, handle } = segment
    if (bytes.length !== size) this.#tell(`asked for ${size} bytes and got ${bytes.length}`)
    if (bytes[0] !== 0 || bytes[size - 1] !== 0) this.#tell(`new segment ${handle} is not zeroed`)
    writeEnds(bytes, handle)
    this.#hold(segment)
  }

  attach(): void {
    const handle = this.#random.pick(this.#handles)
    if (handle === undefined) this.list()
    else this.#attach(handle)
  }

  #attach(handle: number): void {
    const segment = this.#dsm.attach(handle)
    if (segment === null) {
      this.#handles = this.#handles.filter(other => other !== handle)
      return
    }
    const strange = strangeEnds(segment.bytes, handle)
    if (strange !== null) this.#tell(`segment ${handle} (${segment.size} bytes): ${strange}`)
    this.#hold(segment)
  }

  #hold(segment: Segment): void {
    this.#held.set(segment.handle, segment)
    if (this.#held.size > HELD_MAX) this.detach()
  }

  detach(): void {
    const segment = this.#random.pick([...this.#held.values()])
    if (segment === undefined) return
    const { bytes } = segment
    segment.detach()
    this.#held.delete(segment.handle)
    if (bytes.length !== 0) this.#tell(`a view of ${segment.handle} outlived detach`)
  }

  pin(): void {
    this.#random.pick([...this.#held.values()])?.pin()
  }

  unpin(): void {
    const handle = this.#random.pick(this.#handles)
    if (handle !== undefined) this.#dsm.unpinSegment(handle)
  }

  /** Whoever gets a named segment that another one made finds it filled. */
  getOrCreate(): void {
    const name = `made-${this.#random.below(NAMES)}`
    const { segment, created } = this.#dsm.getOrCreate(name, MADE_SIZE, made => {
      if (made.bytes.some(byte => byte !== 0)) this.#tell(`${name} is not zeroed in init`)
      this.#maybeDie(DIE_IN_INIT)
      writeEnds(made.bytes, made.handle)
    })
    const { handle, bytes } = segment
    const ends = new DataView(bytes.buffer)
    const filled = ends.getUint32(0, true) === handle
    if (!filled || ends.getUint32(bytes.length - 4, true) !== handle) {
      this.#tell(`${name} (segment ${handle}, created ${created}) was not filled`)
    }
    this.#hold(segment)
    if (this.#random.oneIn(8)) this.#dsm.unpublish(name)
  }

  publish(): void {
    const segment = this.#random.pick([...this.#held.values()])
    if (segment !== undefined) {
      this.#dsm.publish(`moved-${this.#random.below(NAMES)}`, segment.handle)
    }
  }

  lookup(): void {
    const handle = this.#dsm.lookup(`moved-${this.#random.below(NAMES)}`)
    if (handle !== null) this.#attach(handle)
  }

  #maybeDie(oneIn: number): void {
    const mortal = this.#options.dieAtStore !== 0
    if (mortal && this.#random.oneIn(oneIn)) process.kill(process.pid, 'SIGKILL')
  }

  /** Two words go up under the lock; a difference is excused by an owner's death alone. */
  lock(): void {
    const words = this.#words
    this.#dsm.lock(words, BOARD.lock).run(recovered => {
      if (recovered) Atomics.add(words, BOARD.recovered, 1)
      const [left = 0, right = 0] = [words[BOARD.left], words[BOARD.right]]
      if (left !== right && !recovered) this.#tell(`${left} is not ${right}, and nobody died`)
      words[BOARD.left] = left + 1
      this.#maybeDie(DIE_IN_LOCK)
      words[BOARD.right] = left + 1
    })
  }

  list(): void {
    if (this.#random.oneIn(4)) this.#dsm.members()
    const { mainRegion } = this.#dsm.stats()
    if (mainRegion !== null) {
      const { total, free, largest } = mainRegion
      if (largest > free || free > total) this.#tell(`pages: ${JSON.stringify(mainRegion)}`)
    }
    const segments = this.#dsm.segments()
    this.#handles = segments
      .map(({ handle }) => handle)
      .filter(handle => handle !== this.#options.board)
  }

  reopen(): void {
    if (!this.#options.reopens) return
    this.#held.clear()
    this.#dsm.close()
    this.#dsm = this.#open()
    const board = this.#dsm.attach(this.#options.board)
    if (board === null) throw new Error('the board is gone')
    this.#board = board
    this.#words = new Int32Array(this.#board.buffer)
  }
}

function writeEnds(bytes: Uint8Array, handle: number): void {
  const view = new DataView(bytes.buffer)
  view.setUint32(0, handle, true)
  view.setUint32(bytes.length - 4, handle, true)
}

/** Still zero (its maker is about to write, or died), or its own handle; nothing else. */
function strangeEnds(bytes: Uint8Array, handle: number): string | null {
  const view = new DataView(bytes.buffer)
  for (const at of [0, bytes.length - 4]) {
    const found = view.getUint32(at, true)
    if (found !== 0 && found !== handle) return `has ${found} at ${at}`
  }
  return null
}
