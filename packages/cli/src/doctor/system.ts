/**
 * The machine as the checks see it. Files are read through it, so that tests can show them another
 * machine; what cannot be read is null.
 */
import { readdirSync, readFileSync, statfsSync } from 'node:fs'

export interface FileSystem {
  readonly type: number
  readonly size: number
  readonly free: number
}

export interface System {
  read(path: string): string | null
  list(path: string): string[]
  fileSystem(path: string): FileSystem | null
  readonly uid: number
  readonly env: Readonly<Record<string, string | undefined>>
}

export const thisSystem: System = {
  read: path => attempt(() => readFileSync(path, 'utf8')),
  list: path => attempt(() => readdirSync(path).sort()) ?? [],
  fileSystem: path =>
    attempt(() => {
      const { type, bsize, blocks, bavail } = statfsSync(path)
      return { type, size: blocks * bsize, free: bavail * bsize }
    }),
  uid: process.getuid?.() ?? -1,
  env: process.env,
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
