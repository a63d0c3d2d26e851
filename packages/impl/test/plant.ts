/** Things that are not ours, under the reference mechanism's names. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { PlantForeign } from '../src/conformance/index.js'

const targetOf = (path: string) => join(dirname(path), `target-${basename(path)}`)

const planted =
  (put: (path: string, size: number) => void): PlantForeign =>
  (space, handle, size) => {
    const path = space.osName(handle)
    put(path, size)
    return () => {
      for (const name of [path, targetOf(path)]) rmSync(name, { recursive: true, force: true })
    }
  }

/** As the reference would have made it: a header of 8 bytes, then `size` bytes. */
const file = (path: string, size: number) => {
  writeFileSync(path, Buffer.alloc(8 + size))
  chmodSync(path, 0o644)
}

export const foreign: Readonly<Record<string, PlantForeign>> = {
  'a file that others may read': planted(file),
  'a symbolic link to one of our files': planted((path, size) => {
    writeFileSync(targetOf(path), Buffer.alloc(8 + size), { mode: 0o600 })
    symlinkSync(targetOf(path), path)
  }),
  'a directory': planted(path => mkdirSync(path)),
}
