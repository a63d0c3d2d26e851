/**
 * The groups that a command was asked about. A name is looked for in the default place; what has a
 * slash in it is a group's own directory.
 */
import {
  type GroupDirectory,
  type GroupSurvey,
  groupDirectory,
  listGroups,
  surveyGroup,
} from '@dsm/control'
import { DsmError } from '@dsm/impl'
import { mechanism } from './mechanisms.js'

/** A group, or why it cannot be looked at. */
export interface Found {
  readonly directory: GroupDirectory
  readonly survey: GroupSurvey | null
  readonly problem: DsmError | null
}

/** @throws TypeError, RangeError for what is no name */
export const directoryOf = (group: string): GroupDirectory =>
  groupDirectory(group.includes('/') ? { dir: group } : { name: group })

/** Those that are named, or all of the default place. */
export const directoriesOf = (groups: readonly string[]): GroupDirectory[] =>
  groups.length > 0 ? groups.map(directoryOf) : listGroups()

export function find(directory: GroupDirectory): Found {
  try {
    return { directory, survey: surveyGroup(directory, mechanism), problem: null }
  } catch (error) {
    if (!DsmError.isInstance(error)) throw error
    return { directory, survey: null, problem: error }
  }
}

/**
 * A group that is listed can be gone when it is looked at: then it is left out. One that was asked
 * for by name must be there.
 * @throws DSM_NOT_FOUND
 */
export function findAll(groups: readonly string[]): Found[] {
  const found = directoriesOf(groups).map(find)
  if (groups.length === 0) return found.filter(({ survey }) => survey?.exists !== false)
  for (const { directory, survey } of found) if (survey?.exists === false) throw absent(directory)
  return found
}

/** @throws DSM_NOT_FOUND, and why it cannot be looked at */
export function findOne(group: string): { directory: GroupDirectory; survey: GroupSurvey } {
  const directory = directoryOf(group)
  const survey = surveyGroup(directory, mechanism)
  if (!survey.exists) throw absent(directory)
  return { directory, survey }
}

const absent = ({ name, path }: GroupDirectory): DsmError =>
  new DsmError('DSM_NOT_FOUND', `there is no group "${name}" at "${path}"`, { op: 'open' })
