/**
 * What an operation in the main region consists of, part by part: the functions that do it, and
 * what they do where it is left out. Signatures are those of the built packages; a test holds the
 * list against them.
 */

export interface Replaced {
  /** The package. */
  readonly of: 'control' | 'core' | 'lwlock'
  /** Its line in the built package, but for the brace. */
  readonly signature: string
  readonly body: string
}

export interface Part {
  readonly name: string
  readonly functions: readonly Replaced[]
}

const control = (signature: string, body = ''): Replaced => ({ of: 'control', signature, body })
const core = (signature: string, body = ''): Replaced => ({ of: 'core', signature, body })
const lwlock = (signature: string, body = ''): Replaced => ({ of: 'lwlock', signature, body })

export const NOTHING: Part = { name: 'nothing', functions: [] }

const lock: Part = {
  name: 'taking and releasing the lock',
  functions: [
    lwlock('function tryTake(words, index, token)', 'return true'),
    lwlock('function release(words, index, token)'),
  ],
}

const probes: Part = {
  name: 'probing the stack',
  functions: [control('function probeStack(frames)')],
}

const checks: Part = {
  name: 'asking whether we were taken for dead, or the life damaged',
  functions: [control('  #isUsable()', 'return true')],
}

const counters: Part = {
  name: 'counters of the group',
  functions: [control('function count(control, counter)')],
}

const list: Part = {
  name: 'the list of our segments',
  functions: [core('  add(segment)'), core('  remove(segment)')],
}

const diagnostics: Part = {
  name: 'asking whether anybody listens to diagnostics',
  functions: [
    control('  created(handle, size)'),
    control('  attached(handle, size)'),
    control('  detached(handle)'),
    control('  destroyed(handle)'),
  ],
}

const trap: Part = {
  name: 'the place that all shared stores go through',
  functions: [control('function store(words, index, value)', 'words[index] = value')],
}

/** Whether we hold a segment is asked by attaching, which has to hear no, and by detaching. */
const bits = (asked: string): Part => ({
  name: 'the bits that say who holds it',
  functions: [
    control('function setReference(control, slot, member)'),
    control('function clearReference(control, slot, member)'),
    control('function clearRow(control, slot)'),
    control('function holds(control, slot, member)', asked),
  ],
})

const pages: Part = {
  name: 'taking a page and giving it back',
  functions: [control('  take(npages)', 'return 5'), control('  give(firstPage, npages)')],
}

const slots: Part = {
  name: 'the list of free slots',
  functions: [
    control('function takeFreeSlot(control)', 'return 900'),
    control('function giveFreeSlot(control, slot)'),
  ],
}

const COMMON = [lock, probes, checks, counters, list, diagnostics, trap]

export const partsOfCreating: readonly Part[] = [...COMMON, bits('return true'), pages, slots]

export const partsOfAttaching: readonly Part[] = [
  ...COMMON,
  bits('return !(globalThis.asked = !globalThis.asked)'),
]
