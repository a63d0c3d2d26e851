/**
 * A program that is not dsm, for segments that are not ours and for looking at ours from outside.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DsmNamespace } from '@dsm/impl'
import { isRoot, testDirectory } from '@dsm/native/testing'

const directory = testDirectory()
const program = join(directory, 'segment')
const source = fileURLToPath(new URL('./segment.cc', import.meta.url))
execFileSync(process.env.CXX ?? 'c++', ['-std=c++17', source, '-o', program])

/** To be called when the tests are done. */
export const removeStranger = (): void => rmSync(directory, { recursive: true, force: true })

const call = (...words: (string | number)[]): string =>
  execFileSync(program, words.map(String), { encoding: 'utf8' }).trim()

export interface Shown {
  readonly attached: number
  readonly bytes: number
  readonly mode: string
  readonly uid: number
}

export function show(id: number): Shown {
  const [attached, bytes, mode, uid] = call('show', id).split(' ')
  return { attached: Number(attached), bytes: Number(bytes), mode: mode!, uid: Number(uid) }
}

/** Makes a segment under the key of a handle; gives its id. */
export function make(
  space: DsmNamespace,
  handle: number,
  size: number,
  mode: string,
  creator = process.geteuid!(),
  owner = creator,
): number {
  const key = Number(space.osName(handle)) | 0
  return Number(call('make', key, size, mode, creator, owner))
}

export const remove = (id: number): void => void call('remove', id)

type Plant = (space: DsmNamespace, handle: number, size: number) => () => void

const planted =
  (mode: string, creator?: number, owner?: number): Plant =>
  (space, handle, size) => {
    const id = make(space, handle, size, mode, creator, owner)
    return () => remove(id)
  }

const NOBODY = 65534

/** By what they are: segments that `attach` and `destroy` must leave be. */
export const FOREIGN_SEGMENTS: Readonly<Record<string, Plant>> = {
  'a segment that others may write': planted('622'),
  'a segment that its owner may not write': planted('400'),
  ...(isRoot && {
    "another user's segment": planted('600', NOBODY),
    'a segment that its maker gave away': planted('600', 0, NOBODY),
  }),
}
