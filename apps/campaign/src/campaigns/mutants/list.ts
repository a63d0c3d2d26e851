/**
 * The seeded bugs, each with the campaign that has to notice it: slips that were made, or nearly
 * made, while dsm was designed and written.
 */
import { cuts } from './cuts-list.js'
import type { Mutant } from './mutant.js'

const CONTROL = 'packages/control/src'
const LWLOCK = 'packages/lwlock'
const NATIVE = 'packages/native/include/dsm'

const killedIn = (...operations: string[]) =>
  ({ campaign: 'kill-states', backend: 'posix', operations }) as const
const killedTwice = { campaign: 'double-kill', cycles: 200, seconds: 15 } as const
const random = { campaign: 'random-kill', seconds: 6, backend: 'posix' } as const
const modelled = { campaign: 'model', cycles: 100, backend: 'posix' } as const
const faultyIn = (...operations: string[]) =>
  ({ campaign: 'faults', cycles: 0, backend: 'posix', operations }) as const
const cycled = { campaign: 'cycles', cycles: 100, backend: 'posix' } as const
const corrupted = { campaign: 'corrupt', cycles: 20_000, backend: 'posix' } as const
const nasty = { campaign: 'machine' } as const
const ghost = { ...nasty, operations: ['taken for dead'] } as const

/** Run by `npm test`. */
export const QUICK: readonly string[] = [
  'a detach that forgets to clear the bit',
  'a detach that does not unmap',
  'record after object',
  'no busy mark',
]

export const list: readonly Mutant[] = [
  {
    name: 'store order swapped: the record of a life goes before what it names',
    file: `${CONTROL}/life.ts`,
    from: `  if (outlives(record, impl)) {
    const namespace`,
    to: `  forgetLife(directory, record, others)
  if (outlives(record, impl)) {
    const namespace`,
    ...killedIn('close, the last'),
  },
  {
    name: 'record after object',
    file: `${CONTROL}/slot-life.ts`,
    from: `  store(words, at + SLOT.refcnt, 1) // commit: the name is recorded
`,
    to: '',
    ...killedIn('create its own object'),
  },
  {
    name: 'free before the object is gone',
    file: `${CONTROL}/removal.ts`,
    from: `      if (!this.#removeObject(slot)) return
      const handle = control.words[control.slot(slot) + SLOT.handle]! >>> 0
      section.enterAlways()
      recordFree(control, slot)
      count(control, COUNTER.destroyed)
      section.leave()
`,
    to: `      const handle = control.words[control.slot(slot) + SLOT.handle]! >>> 0
      section.enterAlways()
      recordFree(control, slot)
      count(control, COUNTER.destroyed)
      section.leave()
      this.#removeObject(slot)
`,
    ...killedIn('detach, the last, an object'),
  },
  {
    name: 'the dead are buried before their references are subtracted',
    file: `${CONTROL}/recovery.ts`,
    from: `    this.#takeDead(joining)
    this.#step(STEP.subtract)
`,
    to: `    this.#takeDead(joining)
    this.#bury()
    this.#step(STEP.subtract)
`,
    ...killedTwice,
  },
  {
    name: 'adopted slots are not finished',
    file: `${CONTROL}/removal.ts`,
    from: 'if (this.#isOurs(slot)) this.finish(slot)',
    to: 'if (this.#isOurs(slot)) continue',
    ...killedIn('create its own object'),
  },
  {
    name: 'half-made slots of the dead are left alone',
    file: `${CONTROL}/recovery.ts`,
    from: 'if (this.#ownerIsGone(words[ownerWord]!)) this.#takeOver(slot)',
    to: '',
    ...killedIn('create its own object'),
  },
  {
    name: 'what only the dead kept is kept',
    file: `${CONTROL}/recovery.ts`,
    from: `    if (kept === 0) {
      this.#takeOver(slot)
      return
    }
`,
    to: '',
    ...killedIn('detach, the last, an object'),
  },
  {
    name: 'refcnt is not computed again',
    file: `${CONTROL}/recovery.ts`,
    from: 'if (counted !== kept + 1) store(words, refcnt, kept + 1)',
    to: '',
    ...random,
  },
  {
    name: 'pages are not rebuilt',
    file: `${CONTROL}/recovery.ts`,
    from: '    this.region?.rebuild()\n',
    to: '',
    ...killedIn('create'),
  },
  {
    name: 'the index is not rebuilt',
    file: `${CONTROL}/recovery.ts`,
    from: '    rebuildIndexes(control)\n',
    to: '',
    ...killedIn('create its own object'),
  },
  {
    name: 'names are not rebuilt',
    file: `${CONTROL}/recovery.ts`,
    from: '    rebuildNames(control, maker => !this.#ownerIsGone(maker))\n',
    to: '',
    ...killedIn('publish'),
  },
  {
    name: 'death is not monotone: a newcomer hides its dead predecessor',
    file: `${CONTROL}/member.ts`,
    from: 'if (tookOver || leftBehind(this.control, this.index))',
    to: 'if (tookOver)',
    ...killedIn('create its own object'),
  },
  {
    name: 'the lock of the dead is taken over without recovery',
    file: `${CONTROL}/section.ts`,
    from: `      this.#countTakeover()
      this.recover()
      this.leave()
`,
    to: `      this.#countTakeover()
      this.leave()
`,
    ...killedIn('take over'),
  },
  {
    name: 'a sweep does not look for the dead',
    file: `${CONTROL}/member.ts`,
    from: '    const dead = this.#recovery.anyDead()\n    if (!dead',
    to: '    const dead = false\n    if (!dead',
    ...nasty,
  },
  {
    name: 'the lock is stolen when the time is up',
    file: `${LWLOCK}/src/lock-word.ts`,
    from: 'else if (ask) throw lockTimeout(oracle.describe(word & ~WAITERS), timeoutMs)',
    to: `else if (ask && timeoutMs > 0) {
      Atomics.store(words, index, oracle.token)
      return 'recovered'
    }`,
    ...nasty,
  },
  {
    name: 'a forked child keeps the lock file open',
    file: `${LWLOCK}/native/descriptors.hpp`,
    from: 'each != nullptr; each = each->next) each->Close();',
    to: 'each != nullptr; each = each->next) each->fd = -1;',
    addons: ['lwlock'],
    ...nasty,
  },
  {
    name: 'the control segment is removed while somebody is in',
    file: `${CONTROL}/leave-group.ts`,
    from: ' && signOff(group) && !attended(life.file)) removeIfUnkept(group)',
    to: ' && signOff(group)) removeIfUnkept(group)',
    ...killedIn('close, others stay'),
  },
  {
    name: 'state after object',
    file: `${CONTROL}/life.ts`,
    from: `    writeState(directory.state, [...before, record])
    const namespace = impl.open(scopeOf(directory, record))
    let file: LockFile | null = null
    let made = false
    try {
      file = LockFile.open(directory.members(record.nonce), { create: true })
      const mapping = namespace.create(record.controlHandle, sizeBytes)
`,
    to: `    const namespace = impl.open(scopeOf(directory, record))
    let file: LockFile | null = null
    let made = false
    try {
      file = LockFile.open(directory.members(record.nonce), { create: true })
      const mapping = namespace.create(record.controlHandle, sizeBytes)
      writeState(directory.state, [...before, record])
`,
    ...killedIn('open'),
  },
  {
    name: 'the last one out leaves the record of the life',
    file: `${CONTROL}/leave-group.ts`,
    from: '  if (inhabited.length === 0) removeGroupFiles(directory)\n',
    to: '',
    ...modelled,
  },
  ...cuts,
  {
    name: 'a detach that forgets to clear the bit',
    file: `${CONTROL}/slot-life.ts`,
    from: '  clearReference(control, slot, member) // commit: the bit is the truth\n',
    to: '',
    ...modelled,
  },
  {
    name: 'a detach that does not unmap',
    file: `${CONTROL}/member.ts`,
    from: '    unmap(attachment, this.logger)\n',
    to: '',
    ...cycled,
  },
  {
    name: 'zeroing is skipped',
    file: `${CONTROL}/carving.ts`,
    from: `        this.#region.zero(firstPage, npages)
        recordZeroed(control, slot)
`,
    to: `        recordZeroed(control, slot)
`,
    ...random,
  },
  {
    name: 'fencing is not checked: work goes on after a shutdown',
    file: `${CONTROL}/section.ts`,
    from: 'return this.#words[this.#fencedAt] === 0 && !this.#removed',
    to: 'return !this.#removed',
    ...killedIn('shutdown'),
  },
  {
    name: 'generation check dropped: who was taken for dead goes on as its heir',
    file: `${CONTROL}/section.ts`,
    from: 'if (words[this.#generationAt] !== this.#generation) return false',
    to: '',
    ...ghost,
  },
  {
    name: 'a newcomer keeps the generation of its predecessor',
    file: `${CONTROL}/registration.ts`,
    from: 'const next = nextGeneration(generation)',
    to: 'const next = generation === 0 ? nextGeneration(generation) : generation',
    ...ghost,
  },
  {
    name: 'a loop is bounded by a shared value',
    file: `${CONTROL}/control-view.ts`,
    from: ' && fits && nitems',
    to: ' && nitems',
    ...corrupted,
  },
  {
    name: 'identity is not checked before an object is removed',
    file: `${NATIVE}/file_mechanism.hpp`,
    from: '    if (evidence.given && !IsMeant(fd.Get(), file, evidence)) return {};\n',
    to: '    static_cast<void>(&FileMechanism::IsMeant);\n',
    addons: ['impl-posix'],
    ...nasty,
  },
  {
    name: 'EINTR is not tried again',
    file: `${NATIVE}/allocate.hpp`,
    from: `    if (error == EINTR) {
      error = 0;  // stopped`,
    to: `    if (error == -1) {
      error = 0;  // stopped`,
    addons: ['impl-posix'],
    ...faultyIn('create'),
  },
  {
    name: 'a descriptor is not closed on an error path',
    file: `${CONTROL}/life.ts`,
    from: `      if (!made) {
        file?.close()
        namespace.close()
      }
`,
    to: `      if (!made) {
        namespace.close()
      }
`,
    ...faultyIn('open'),
    cycles: 60,
  },
  {
    name: 'an attach that fails keeps its reference',
    file: `${CONTROL}/member.ts`,
    from: `      this.#giveBack(slot, handle)
      throw error
`,
    to: `      this.section.end()
      throw error
`,
    ...faultyIn('attach'),
  },
]
