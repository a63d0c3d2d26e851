/** A mapping as memory: its first touch and its bandwidth, against a plain ArrayBuffer. */
import { joinGroup, makeGroup } from '../group.js'
import { readEveryPage } from '../pages.js'
import type { Contender, Lengths, Race, Scale, Subject, Trial } from '../trial.js'

const OURS = 'mapping'
const THEIRS = 'ArrayBuffer'
const sizeAt = (scale: Scale): number => (scale === 'tiny' ? 1 : 64) * 2 ** 20

const LENGTHS: Lengths = {
  full: { warmUp: 5, batch: 1, samples: 5, turns: 15 },
  quick: { warmUp: 2, batch: 1, samples: 3, turns: 3 },
  tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
}

const timed = (work: () => void): number => {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start)
}

/** Each time a mapping that is new to this process. */
const touchedMapping: Contender = {
  name: OURS,
  open(scale) {
    const maker = makeGroup('posix')
    const { handle } = maker.create(sizeAt(scale))
    const dsm = joinGroup()
    return {
      batch() {
        const segment = dsm.attach(handle)!
        const { bytes } = segment
        const spent = timed(() => readEveryPage(bytes))
        segment.detach()
        return spent
      },
      close() {
        dsm.close()
        maker.close()
      },
    }
  },
}

/** Written, for reading alone would find the one page of zeros everywhere. */
const touchedBuffer: Contender = {
  name: THEIRS,
  open: scale => ({
    batch() {
      const bytes = new Uint8Array(sizeAt(scale))
      return timed(() => {
        for (let at = 0; at < bytes.length; at += 4096) bytes[at] = 1
      })
    },
    close: () => undefined,
  }),
}

type Work = (bytes: Uint8Array) => Subject['batch']

const mapped = (work: Work): Contender => ({
  name: OURS,
  open(scale) {
    const dsm = makeGroup('posix')
    const { bytes } = dsm.create(sizeAt(scale))
    bytes.fill(1)
    return { batch: work(bytes), close: () => dsm.close() }
  },
})

const plain = (work: Work): Contender => ({
  name: THEIRS,
  open: scale => ({ batch: work(new Uint8Array(sizeAt(scale)).fill(1)), close: () => undefined }),
})

const write: Work = bytes => count => {
  for (let done = 0; done < count; done++) bytes.fill(done & 0xff)
}

/** Into 1 MiB that stays in the cache. */
const read: Work = bytes => {
  const PIECE = 2 ** 20
  const into = new Uint8Array(PIECE)
  return count => {
    for (let done = 0; done < count; done++) {
      for (let at = 0; at < bytes.length; at += PIECE) into.set(bytes.subarray(at, at + PIECE))
    }
  }
}

const race = (name: string, what: string, contenders: readonly Contender[]): Race => ({
  name,
  what,
  contenders,
  comparisons: [{ ours: OURS, theirs: THEIRS, goal: null }],
  lengths: LENGTHS,
})

export const mapping: Trial = {
  name: 'mapping',
  what: 'a mapping as memory, against an ArrayBuffer',
  races: [
    race('first touch of 64 MiB', 'every page of 64 MiB touched for the first time', [
      touchedMapping,
      touchedBuffer,
    ]),
    race('64 MiB written', '64 MiB filled', [mapped(write), plain(write)]),
    race('64 MiB read', '64 MiB copied out, piece by piece', [mapped(read), plain(read)]),
  ],
}
