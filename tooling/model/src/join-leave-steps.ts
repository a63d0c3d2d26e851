/**
 * The steps of opening, joining, cleaning, making and leaving, each one system call. Only their
 * order; what they read and write is in join-leave-state.ts.
 */
import type { JoinState } from './join-leave-state.js'

export const STEPS = [
  'out',
  'dead',
  'openGate',
  'openCheck',
  'openRead',
  'joinMap',
  'joinByte',
  'closeGate',
  'member',
  'cleanSegments',
  'cleanControl',
  'cleanMembers',
  'cleanState',
  'makeState',
  'makeMembers',
  'makeControl',
  'makeMagic',
  'makeByte',
  'failLook',
  'failState',
  'failLock',
  'failClose',
  'leaveGate',
  'leaveCheck',
  'leaveLook',
  'lastSegments',
  'lastControl',
  'lastMembers',
  'lastState',
  'lastLock',
  'leaveByte',
  'leaveClose',
] as const

export type JoinStep = (typeof STEPS)[number]
export const Step = Object.fromEntries(STEPS.map((name, step) => [name, step])) as Record<
  JoinStep,
  number
>

/** False: it has to wait. */
type Action = (s: JoinState, me: number) => boolean

/** A control segment: without its magic, and with it. */
export const ABSENT = 0
export const RAW = 1
export const READY = 2

const opening: Partial<Record<JoinStep, Action>> = {
  out: (s, me) => s.openGate(me, true) && s.goto(me, 'openGate'),
  dead: (s, me) => {
    s.drop(me)
    return true
  },
  openGate: (s, me) => s.takeGate(me) && s.goto(me, 'openCheck'),
  openCheck: (s, me) => {
    if (s.gateIsNamed(me) || s.slip === 'noLinkCheck') return s.goto(me, 'openRead')
    s.closeGate(me)
    return s.goto(me, 'out')
  },
  openRead: (s, me) => {
    if (s.named === 0) return s.goto(me, firstOfMaking(s))
    if (s.attended(s.named, me)) return s.goto(me, 'joinMap')
    s.setLife(me, s.named)
    return s.goto(me, `clean${removalOrder(s)[0]!}`)
  },
  joinMap: (s, me) => {
    if (s.object(s.named) !== READY) s.broken = 'a life has members and cannot be joined'
    s.setLife(me, s.named)
    return s.goto(me, 'joinByte')
  },
  joinByte: (s, me) => {
    s.holdByte(me, 1)
    return s.goto(me, 'closeGate')
  },
  closeGate: (s, me) => {
    s.closeGate(me)
    return s.goto(me, 'member')
  },
}

/** An open that failed after it saw members: it may be alone by now. */
const failing: Partial<Record<JoinStep, Action>> = {
  failLook: (s, me) => {
    s.setLife(me, 0)
    if (s.attended(s.named, me)) return s.goto(me, 'failClose')
    removeLife(s, s.named)
    return s.goto(me, 'failState')
  },
  failState: (s, me) => {
    s.named = 0
    return s.goto(me, 'failLock')
  },
  failLock: (s, me) => {
    s.removeGate()
    return s.goto(me, 'failClose')
  },
  failClose: (s, me) => {
    s.drop(me)
    return true
  },
}

/** The same steps as one, where their order is under test elsewhere. */
function removeLife(s: JoinState, life: number): void {
  s.setSegment(life, 0)
  s.setObject(life, 0)
  s.setMembersFile(life, 0)
}

const makingOrder = (s: JoinState): readonly JoinStep[] =>
  s.slip === 'publishLast'
    ? ['makeMembers', 'makeControl', 'makeMagic', 'makeState', 'makeByte']
    : ['makeState', 'makeMembers', 'makeControl', 'makeMagic', 'makeByte']

const firstOfMaking = (s: JoinState): JoinStep => makingOrder(s)[0]!

const made = (s: JoinState, me: number, step: JoinStep): boolean => {
  const order = makingOrder(s)
  return s.goto(me, order[order.indexOf(step) + 1]!)
}

/** The first step of making numbers the life. */
function ownLife(s: JoinState, me: number): number {
  if (s.life(me) === 0) s.setLife(me, s.freshLife())
  return s.life(me)
}

const making: Partial<Record<JoinStep, Action>> = {
  makeState: (s, me) => {
    s.named = ownLife(s, me)
    return s.named !== 0 && made(s, me, 'makeState')
  },
  makeMembers: (s, me) => {
    s.setMembersFile(ownLife(s, me), 1)
    return made(s, me, 'makeMembers')
  },
  makeControl: (s, me) => {
    s.setObject(s.life(me), RAW)
    return made(s, me, 'makeControl')
  },
  makeMagic: (s, me) => {
    s.setObject(s.life(me), READY)
    return made(s, me, 'makeMagic')
  },
  makeByte: (s, me) => {
    s.holdByte(me, 1)
    return s.goto(me, 'closeGate')
  },
}

type Part = 'Segments' | 'Control' | 'Members' | 'State'

/** What the control segment names, that, the members' file, the record. */
const removalOrder = (s: JoinState): readonly Part[] => {
  if (s.slip === 'controlFirst') return ['Control', 'Segments', 'Members', 'State']
  if (s.slip === 'stateFirst') return ['State', 'Segments', 'Control', 'Members']
  return ['Segments', 'Control', 'Members', 'State']
}

const removals: Record<Part, (s: JoinState, life: number) => void> = {
  Segments: (s, life) => {
    if (s.object(life) === READY) s.setSegment(life, 0)
  },
  Control: (s, life) => s.setObject(life, ABSENT),
  Members: (s, life) => s.setMembersFile(life, 0),
  State: s => {
    s.named = 0
  },
}

const removing =
  (prefix: 'clean' | 'last', part: Part): Action =>
  (s, me) => {
    removals[part](s, s.life(me))
    const order = removalOrder(s)
    const following = order[order.indexOf(part) + 1]
    if (following !== undefined) return s.goto(me, `${prefix}${following}`)
    if (prefix === 'last') return s.goto(me, 'lastLock')
    s.setLife(me, 0)
    return s.goto(me, firstOfMaking(s))
  }

const leaving: Partial<Record<JoinStep, Action>> = {
  member: (s, me) => {
    if (s.slip === 'leaveWithoutGate') return s.goto(me, 'leaveLook')
    return s.goto(me, s.openGate(me, false) ? 'leaveGate' : 'leaveByte')
  },
  leaveGate: (s, me) => {
    if (s.takeGate(me)) return s.goto(me, 'leaveCheck')
    return s.slip === 'leaveIfBusy' && s.goto(me, 'leaveByte')
  },
  leaveCheck: (s, me) => {
    if (s.gateIsNamed(me) || s.slip === 'noLinkCheck') return s.goto(me, 'leaveLook')
    s.closeGate(me)
    return s.goto(me, 'member')
  },
  leaveLook: (s, me) => {
    if (s.attended(s.life(me), me)) return s.goto(me, firstToGo(s))
    return s.goto(me, `last${removalOrder(s)[0]!}`)
  },
  lastLock: (s, me) => {
    s.removeGate()
    return s.goto(me, firstToGo(s))
  },
  leaveByte: (s, me) => {
    s.holdByte(me, 0)
    if (s.slip !== 'ownByteLater') return s.goto(me, 'leaveClose')
    s.drop(me)
    return true
  },
  leaveClose: (s, me) => {
    s.closeGate(me)
    if (s.slip === 'ownByteLater') return s.goto(me, 'leaveByte')
    s.drop(me)
    return true
  },
}

const firstToGo = (s: JoinState): JoinStep =>
  s.slip === 'ownByteLater' ? 'leaveClose' : 'leaveByte'

export const ACTIONS = {
  ...opening,
  ...failing,
  ...making,
  cleanSegments: removing('clean', 'Segments'),
  cleanControl: removing('clean', 'Control'),
  cleanMembers: removing('clean', 'Members'),
  cleanState: removing('clean', 'State'),
  lastSegments: removing('last', 'Segments'),
  lastControl: removing('last', 'Control'),
  lastMembers: removing('last', 'Members'),
  lastState: removing('last', 'State'),
  ...leaving,
} as Record<JoinStep, Action>
