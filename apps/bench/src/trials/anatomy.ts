/**
 * What the time of an operation in the main region consists of: the same work without one part of
 * it, part by part. The parts need not add up to the whole: a processor does several at once, and
 * what is left out lets the compiler do better with the rest.
 */
import { Copy } from '../anatomy/copy.js'
import { NOTHING, type Part, partsOfAttaching, partsOfCreating } from '../anatomy/parts.js'
import { mainRegion, PAGE_BYTES } from '../contenders/segments.js'
import { groupName } from '../group.js'
import type { Contender, Lengths, Race, Subject, Trial } from '../trial.js'

const LENGTHS: Lengths = {
  full: { warmUp: 50, batch: 5_000, samples: 10, turns: 20 },
  quick: { warmUp: 30, batch: 2_000, samples: 5, turns: 8 },
  tiny: { warmUp: 0, batch: 5, samples: 1, turns: 1 },
}

type Work = 'create' | 'attach'

async function open(work: Work, part: Part): Promise<Subject> {
  const copy = new Copy(part)
  try {
    const { openDsm } = await copy.load()
    const maker = openDsm({ name: groupName(), impl: 'posix', ...mainRegion() })
    const { handle } = maker.create(PAGE_BYTES)
    const dsm = work === 'attach' ? openDsm({ name: groupName() }) : maker
    const creating = (count: number): void => {
      for (let done = 0; done < count; done++) dsm.create(PAGE_BYTES).detach()
    }
    const attaching = (count: number): void => {
      for (let done = 0; done < count; done++) dsm.attach(handle)!.detach()
    }
    return {
      batch: work === 'attach' ? attaching : creating,
      close() {
        if (dsm !== maker) dsm.close()
        maker.close()
      },
    }
  } finally {
    copy.remove() // it is in memory now
  }
}

const WHOLE = 'all of it'
const nameOf = (part: Part): string => `without ${part.name}`

function race(work: Work, what: string, parts: readonly Part[]): Race {
  const contender = (name: string, part: Part): Contender => ({
    name,
    open: () => open(work, part),
    ...(part === NOTHING || part === parts[0] ? {} : { notTiny: true }),
  })
  return {
    name: `anatomy: ${work} + detach`,
    what: `${what} + detach, main region, buffer untouched, with a part of it left out`,
    contenders: [contender(WHOLE, NOTHING), ...parts.map(part => contender(nameOf(part), part))],
    comparisons: parts.map(part => ({ ours: WHOLE, theirs: nameOf(part), goal: null })),
    lengths: LENGTHS,
  }
}

export const anatomy: Trial = {
  name: 'anatomy',
  what: 'what the time of an operation in the main region consists of',
  races: [race('create', 'create', partsOfCreating), race('attach', 'attach', partsOfAttaching)],
}
