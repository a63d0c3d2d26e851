/** @dsm/control: the table of all segments, its members, and what happens when one of them dies. */
export type { Attachment } from './attachment.js'
export { type Cleaned, cleanControlSegment } from './clean-control-segment.js'
export { cleanGroup, type GroupCleaning, objectsOf } from './clean-group.js'
export { type ControlView, readControlSegment, type SlotView } from './control-view.js'
export type { LoadImpl } from './dead-lives.js'
export { DeathWatch, type MemberDeath } from './death-watch.js'
export type { DsmEvent, DsmHandleEvent, DsmSegmentEvent } from './diagnostics.js'
export { type GroupDirectory, type GroupPlace, groupDirectory } from './group-directory.js'
export {
  type DsmStats,
  type MemberInfo,
  members,
  type SegmentInfo,
  segments,
  stats,
} from './inspect.js'
export {
  DEFAULT_MAX_MEMBERS,
  defaultMaxSegments,
  LAYOUT,
  MAX_MEMBERS_LIMIT,
  MAX_SEGMENTS_LIMIT,
} from './layout.js'
export { endLife, leaveGroup } from './leave-group.js'
export type { LifeContent, RegionView, SegmentView } from './life-content.js'
export { groupsParent, listGroups } from './list-groups.js'
export { type ControlLogger, processLogger } from './logger.js'
export { MAIN_REGION_SIZE_MAX, MAIN_REGION_SIZE_MIN } from './main-region.js'
export type { Member } from './member.js'
export { type NameKey, nameKey } from './name-key.js'
export type { Claim } from './naming.js'
export { type OpenedGroup, type OpenOptions, openAndHold, openGroup } from './open-group.js'
export { readSegment } from './read-segment.js'
export { type StoreTrap, setStoreTrap } from './shared-words.js'
export type { LifeRecord } from './state-file.js'
export { runAsync, runSync, type Steps } from './steps.js'
export {
  type GroupSurvey,
  type LifeState,
  type LifeSurvey,
  surveyGroup,
} from './survey.js'
export { Sweeper } from './sweeper.js'
export type { Turn } from './unfinished.js'
