/**
 * What a binary asks of the system that loads it, as readelf (binutils, which comes with any
 * compiler) tells. Of each library the newest version counts: a system that has it has the others.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { succeed } from './run.js'

export interface Needs {
  /** As 2.28. */
  readonly glibc: number
  /** The last part of the newest GLIBCXX_3.4.x. */
  readonly libstdcxx: number
  readonly libraries: readonly string[]
  readonly bytes: number
  /** All of it, to look for strings in. */
  readonly text: string
}

export async function needsOf(file: string): Promise<Needs> {
  const args = ['--wide', '--version-info', '--dynamic', file]
  const told = await succeed('readelf', args, { cwd: dirname(file), env: process.env })
  const newest = (pattern: RegExp) =>
    Math.max(0, ...[...told.matchAll(pattern)].map(([, minor]) => Number(minor)))
  const content = readFileSync(file)
  return {
    glibc: Number(`2.${String(newest(/Name: GLIBC_2\.(\d+)/g)).padStart(2, '0')}`),
    libstdcxx: newest(/Name: GLIBCXX_3\.4\.(\d+)/g),
    libraries: [...told.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name ?? ''),
    bytes: content.length,
    text: content.toString('latin1'),
  }
}
