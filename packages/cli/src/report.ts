/**
 * The shapes that `--json` prints of groups. They only ever gain members; `version` goes up if one
 * is taken away or changes its meaning. Sizes in bytes, pages of 4,096 bytes, times in ISO 8601.
 */
import type { LifeContent, LifeState, LifeSurvey, SegmentView } from '@dsm/control'
import type { Found } from './groups.js'

const VERSION = 1

export const jsonText = (report: object): string =>
  `${JSON.stringify({ version: VERSION, ...report }, null, 2)}\n`

export interface ProblemReport {
  readonly code: string
  readonly message: string
}

/** One segment of a life. */
export interface SegmentReport {
  readonly slot: number
  readonly handle: number
  readonly size: number
  readonly state: 'live' | 'being made' | 'being removed'
  /** 1 + attachments + pin. */
  readonly refcnt: number
  readonly pinned: boolean
  readonly kind: 'object' | 'main-region'
  readonly osName: string | null
  readonly names: readonly string[]
  /** Indexes of members. */
  readonly heldBy: readonly number[]
  readonly abandoned: number
  readonly firstPage: number | null
  readonly npages: number | null
}

export interface MemberReport {
  readonly index: number
  readonly pid: number
  readonly threadId: number
  readonly startedAt: string | null
  readonly alive: boolean
  readonly handles: readonly number[]
}

/** One life of a group. */
export interface LifeReport {
  readonly nonce: string
  readonly kind: string
  /** `empty` is a group's: a directory without a life, left by one that was killed very early. */
  readonly state: LifeState
  readonly persist: boolean
  readonly controlHandle: number
  readonly controlSize: number
  readonly problem: ProblemReport | null
  /** null: it cannot be read, or nothing of it is left. */
  readonly content:
    | (Omit<LifeContent, 'members' | 'segments'> & {
        readonly members: readonly MemberReport[]
        readonly segments: readonly SegmentReport[]
      })
    | null
}

/** One group in the output of `--json`. */
export interface GroupReport {
  readonly name: string
  readonly path: string
  /** Of the newest life; `empty`: there is none; `unreadable`: see `problem`. */
  readonly state: LifeState | 'empty' | 'unreadable'
  readonly problem: ProblemReport | null
  /** Oldest first. */
  readonly lives: readonly LifeReport[]
}

/** What `dsm ls --json` prints. */
export interface GroupsReport {
  readonly version: number
  readonly groups: readonly GroupReport[]
}

const problemReport = (error: { code: string; message: string } | null): ProblemReport | null =>
  error === null ? null : { code: error.code, message: error.message }

export function groupReport({ directory, survey, problem }: Found): GroupReport {
  const lives = survey?.lives ?? []
  return {
    name: directory.name,
    path: directory.path,
    state: survey === null ? 'unreadable' : (lives.at(-1)?.state ?? 'empty'),
    problem: problemReport(problem),
    lives: lives.map(lifeReport),
  }
}

function lifeReport({ record, state, content, problem }: LifeSurvey): LifeReport {
  const { nonce, kind, persist, controlHandle, controlSize } = record
  const shown = content && {
    ...content,
    members: content.members.map(member => ({ ...member, startedAt: isoDate(member.startedAt) })),
    segments: content.segments.map(segmentReport),
  }
  return {
    nonce,
    kind,
    state,
    persist,
    controlHandle,
    controlSize,
    problem: problemReport(problem),
    content: shown,
  }
}

export function segmentReport(segment: SegmentView): SegmentReport {
  const { slot, handle, size, state, refcnt, pinned, kind, osName, names, heldBy, run } = segment
  return {
    slot,
    handle,
    size,
    state,
    refcnt,
    pinned,
    kind,
    osName,
    names,
    heldBy,
    abandoned: segment.abandoned,
    firstPage: run?.firstPage ?? null,
    npages: run?.npages ?? null,
  }
}

const isoDate = (date: Date): string | null =>
  Number.isNaN(date.getTime()) ? null : date.toISOString()

/** Something is wrong with it: exit code 1. */
export const isWrong = ({ state, problem, lives }: GroupReport): boolean =>
  problem !== null ||
  state === 'empty' ||
  lives.some(life => life.state === 'dead' || life.problem !== null || life.content?.poisoned)
