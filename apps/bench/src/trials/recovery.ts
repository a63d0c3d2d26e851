/**
 * What the death of members costs those who go on. Recovery: a group is full of what members held
 * who were killed; the next create finds no room, takes all of it back, and goes on. Takeover: a
 * process is killed holding a lock, and another waits for it.
 */
import { Companion } from '../companion.js'
import { groupName, makeGroup } from '../group.js'
import type { Contender, Lengths, Race, Trial } from '../trial.js'

const SLOTS = [64, 256, 1_024, 4_096, 16_384]
const MEMBERS = [1, 2, 4, 8, 16]
const SLOTS_AMONG_MEMBERS = 1_024
const PAGE_BYTES = 4096
const GIB = 2 ** 30

const RECOVERIES: Lengths = {
  full: { warmUp: 2, batch: 1, samples: 1, turns: 12 },
  quick: { warmUp: 1, batch: 1, samples: 1, turns: 2 },
  tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
}

async function fillAndKill(members: number, slots: number): Promise<void> {
  const words = ['owner', groupName(), String(slots / members)]
  const victims = Array.from({ length: members }, () => new Companion('role-child', words))
  for (const victim of victims) await victim.next()
  await Promise.all(victims.map(victim => victim.kill()))
}

/** Members that hold every segment of a group are killed at once; then somebody creates. */
const recovering = (name: string, at: number, slots: number, members: number): Contender => ({
  name,
  at,
  ...(at > 64 || members > 1 ? { notTiny: true } : {}),
  open() {
    // One slot is the main region's own.
    const options = { maxSegments: slots + 1, mainRegionSize: (slots + 64) * PAGE_BYTES }
    const dsm = makeGroup('posix', options)
    return {
      async batch() {
        do await fillAndKill(members, slots)
        while (dsm.members().every(({ alive }) => alive)) // the sweeper was faster: once more
        const start = process.hrtime.bigint()
        const segment = dsm.create(PAGE_BYTES)
        const spent = Number(process.hrtime.bigint() - start)
        segment.detach()
        return spent
      },
      close: () => dsm.close(),
    }
  },
})

const bySlots: Race = {
  name: 'recovery by slots',
  what: 'create in a group whose every segment was held by one member, killed',
  axis: 'slots',
  contenders: SLOTS.map(slots =>
    recovering(`${slots.toLocaleString('en-US')} slots`, slots, slots, 1),
  ),
  comparisons: [{ ours: '16,384 slots', theirs: '64 slots', goal: null }],
  lengths: RECOVERIES,
}

const byMembers: Race = {
  name: 'recovery by members',
  what: `create in a group whose ${SLOTS_AMONG_MEMBERS} segments were held by members, all killed`,
  axis: 'members killed',
  contenders: MEMBERS.map(members =>
    recovering(`${members} killed`, members, SLOTS_AMONG_MEMBERS, members),
  ),
  comparisons: [{ ours: '16 killed', theirs: '1 killed', goal: null }],
  lengths: RECOVERIES,
}

export const recovery: Trial = {
  name: 'recovery',
  what: 'what does it cost to take back what the dead held?',
  races: [bySlots, byMembers],
}

/** From SIGKILL of the holder to the lock in our hands, which then says "recovered". */
const takingOver = (name: string, bytes: number): Contender => ({
  name,
  ...(bytes > 0 ? { notTiny: true } : {}),
  // Writing 1 GiB for every kill takes its time.
  length: (length, scale) =>
    bytes > 0 && scale !== 'long' ? { ...length, samples: Math.ceil(length.samples / 4) } : length,
  open() {
    const dsm = makeGroup('posix')
    const segment = dsm.create(PAGE_BYTES)
    const lock = dsm.lock(new Int32Array(segment.buffer), 0)
    const words = ['holder', groupName(), String(segment.handle), String(bytes)]
    return {
      async batch() {
        const victim = new Companion('role-child', words)
        await victim.next()
        const start = process.hrtime.bigint()
        process.kill(victim.pid, 'SIGKILL')
        const held = lock.acquire()
        const spent = Number(process.hrtime.bigint() - start)
        const { recovered } = held
        held.release()
        await victim.kill()
        if (!recovered) throw new Error('the lock was not taken over from the dead')
        return spent
      },
      close: () => dsm.close(),
    }
  },
})

const SMALL = 'small process'
const LARGE = 'process with 1 GiB resident'

export const lockTakeover: Trial = {
  name: 'lock-takeover',
  what: 'from SIGKILL of the holder of a lock to the lock taken over',
  races: [
    {
      name: 'lock takeover',
      what: 'from SIGKILL of the holder to the lock in the hands of one who waits',
      latency: true,
      contenders: [takingOver(SMALL, 0), takingOver(LARGE, GIB)],
      comparisons: [{ ours: LARGE, theirs: SMALL, goal: null }],
      lengths: {
        long: { warmUp: 2, batch: 1, samples: 50, turns: 20 },
        full: { warmUp: 2, batch: 1, samples: 20, turns: 5 },
        quick: { warmUp: 1, batch: 1, samples: 4, turns: 2 },
        tiny: { warmUp: 0, batch: 1, samples: 1, turns: 1 },
      },
    },
  ],
}
