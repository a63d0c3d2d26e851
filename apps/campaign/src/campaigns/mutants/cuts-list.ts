/**
 * The seeded bugs in what is done after a cut. The campaign `cuts` has to notice them; one that
 * needs a rare way to cut is tried in that way alone.
 */
import type { Mutant } from './mutant.js'

const CONTROL = 'packages/control/src'
const CORE = 'packages/core/src'

const cut = { campaign: 'cuts', seconds: 4, backend: 'posix' } as const
const cutInInit = { ...cut, operations: ['name'] } as const
const cutInLock = { ...cut, operations: ['lock'] } as const

export const cuts: readonly Mutant[] = [
  {
    name: 'no busy mark',
    file: `${CONTROL}/section.ts`,
    from: `    probeStack(SECTION_STACK)
    this.#busy = true
`,
    to: `    probeStack(SECTION_STACK)
`,
    ...cut,
  },
  {
    name: 'what a cut operation had is not made to agree',
    file: `${CONTROL}/section.ts`,
    from: `    this.recover()
    this.#owner.reclaim()
`,
    to: `    this.recover()
`,
    ...cut,
  },
  {
    name: 'who was cut while making the segment of a name keeps it',
    file: `${CORE}/joined-dsm.ts`,
    from: `      this.#makings.settle()
`,
    to: '',
    ...cutInInit,
  },
  {
    name: 'a detach leaves the locks of cut sections held',
    file: `${CORE}/segment.ts`,
    from: `    if (!again && anySectionOpen()) abandonSectionsIn(this.buffer)
`,
    to: '',
    ...cutInLock,
  },
  {
    name: 'what was open when a join was cut stays open',
    file: `${CONTROL}/unfinished.ts`,
    from: `      this.#undo.at(-1)?.()
`,
    to: '',
    ...cut,
  },
]
