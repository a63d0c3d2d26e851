/**
 * Files that stand under a name of ours and are not ours: what `attach` and `destroy` must leave
 * be.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'

/** Things that are not ours, as files: each is put at `path` and gives what takes it away again. */
export const FOREIGN_FILES = Object.freeze({
  'a file that others may write': (path, size) => {
    writeFileSync(path, Buffer.alloc(size), { mode: 0o600 })
    chmodSync(path, 0o622)
    return () => unlinkSync(path)
  },
  'a file that its owner may not write': (path, size) => {
    writeFileSync(path, Buffer.alloc(size))
    chmodSync(path, 0o400)
    return () => unlinkSync(path)
  },
  'a file with a second name': (path, size) => {
    writeFileSync(path, Buffer.alloc(size), { mode: 0o600 })
    linkSync(path, `${path}.other`)
    return () => [path, `${path}.other`].forEach(unlinkSync)
  },
  'a symbolic link to such a file as ours': (path, size) => {
    writeFileSync(`${path}.target`, Buffer.alloc(size), { mode: 0o600 })
    symlinkSync(`${path}.target`, path)
    return () => [path, `${path}.target`].forEach(unlinkSync)
  },
  'a symbolic link to nothing': path => {
    symlinkSync(`${path}.nothing`, path)
    return () => unlinkSync(path)
  },
  'a directory': path => {
    mkdirSync(path, { mode: 0o700 })
    return () => rmdirSync(path)
  },
  'a FIFO': path => {
    execFileSync('mkfifo', ['-m', '600', path])
    return () => unlinkSync(path)
  },
  ...(process.geteuid() === 0 && {
    "another user's file": (path, size) => {
      writeFileSync(path, Buffer.alloc(size), { mode: 0o600 })
      chownSync(path, 65534, 65534)
      return () => unlinkSync(path)
    },
  }),
})
