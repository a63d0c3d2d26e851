/**
 * Where the text comes from: one file, or the JavaScript and TypeScript sources installed with this
 * repository, in the order of their paths and over again until there are 64 MiB. It reads straight
 * into memory that it is given (a segment), and keeps no byte.
 */
import { closeSync, openSync, readdirSync, readSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from './options.js'

export interface TextFile {
  readonly path: string
  readonly sizeBytes: number
}

/** Plain data: a member can be sent one, and reads the same text for itself. */
export interface TextSource {
  readonly title: string
  readonly sizeBytes: number
  /** One after the other, with a line feed in between. */
  readonly files: readonly TextFile[]
}

const DEFAULT_SIZE_BYTES = 64 * 2 ** 20
const SOURCE = /\.[cm]?[jt]s$/
const LINE_FEED = 10

/** @throws UsageError if there is no such file, or nothing in it */
export function fileText(path: string): TextSource {
  const sizeBytes = sizeOfFile(path)
  if (sizeBytes === 0) throw new UsageError(`--file ${path} is empty: there is nothing to count`)
  return { title: path, sizeBytes, files: [{ path, sizeBytes }] }
}

function sizeOfFile(path: string): number {
  try {
    const stat = statSync(path)
    if (stat.isFile()) {
      closeSync(openSync(path, 'r'))
      return stat.size
    }
  } catch (error) {
    throw new UsageError(`--file ${path} cannot be read: ${(error as Error).message}`)
  }
  throw new UsageError(`--file ${path} is no regular file`)
}

/** @param start a file or directory below the installed packages' parent */
export function installedSources(start: string): TextSource {
  const files = sourcesBelow(installedPackages(start))
  const sizeMinBytes = Math.min(DEFAULT_SIZE_BYTES, roomForText())
  const chosen: TextFile[] = []
  let sizeBytes = 0
  for (let index = 0; sizeBytes < sizeMinBytes; index++) {
    const file = files[index % files.length]!
    chosen.push(file)
    sizeBytes += file.sizeBytes + 1
  }
  const copies = Math.ceil(chosen.length / files.length)
  const title =
    `the ${Math.min(files.length, chosen.length)} JavaScript and TypeScript files in node_modules` +
    (copies > 1 ? ', over again from the start until there is enough' : '') +
    (sizeMinBytes < DEFAULT_SIZE_BYTES ? ', no more because there is little room in /dev/shm' : '')
  return { title, sizeBytes, files: chosen }
}

/** A quarter of what is free where POSIX segments live: containers often have only 64 MiB there. */
function roomForText(): number {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return Math.max(1, Math.floor((bavail * bsize) / 4))
  } catch {
    return DEFAULT_SIZE_BYTES
  }
}

/** The package store of the nearest directory upwards that has one. */
function installedPackages(start: string): string {
  for (let directory = start; directory !== dirname(directory); directory = dirname(directory)) {
    const store = join(directory, 'node_modules', '.pnpm')
    if (statSync(store, { throwIfNoEntry: false })?.isDirectory()) return store
  }
  throw new UsageError(`no node_modules/.pnpm above ${start}: name a text with --file`)
}

/** Links are not followed: they lead to packages that are in the store anyway, or are our own. */
function sourcesBelow(directory: string): TextFile[] {
  const found: TextFile[] = []
  const pending = [directory]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name)
      if (entry.isDirectory()) pending.push(path)
      if (!entry.isFile() || !SOURCE.test(entry.name)) continue
      found.push({ path, sizeBytes: statSync(path).size })
    }
  }
  if (found.length === 0)
    throw new UsageError(`no sources in ${directory}: name a text with --file`)
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Fills `target` from the beginning of the text; it may be shorter than the text. */
export function loadText(source: TextSource, target: Uint8Array): void {
  let at = 0
  for (const file of source.files) {
    if (at >= target.length) return
    const end = Math.min(at + file.sizeBytes, target.length)
    readFileInto(file.path, target.subarray(at, end))
    at = end
    if (at < target.length) target[at++] = LINE_FEED
  }
}

function readFileInto(path: string, target: Uint8Array): void {
  const descriptor = openSync(path, 'r')
  try {
    for (let at = 0; at < target.length; ) {
      const length = Math.min(target.length - at, 2 ** 30)
      const readBytes = readSync(descriptor, target, at, length, at)
      if (readBytes === 0) throw new Error(`${path} became shorter while it was being read`)
      at += readBytes
    }
  } finally {
    closeSync(descriptor)
  }
}
