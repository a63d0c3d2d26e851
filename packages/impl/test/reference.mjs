/**
 * A mechanism in plain JavaScript, for the tests of the suite: objects are files, each mapping has an
 * ArrayBuffer of its own, and bytes are exchanged with the file whenever `buffer` is asked for. So it
 * works between processes and keeps every promise that the suite can see; slowly, and without
 * sharing memory. `broken` names the one promise that it does not keep.
 * Not TypeScript, because child processes of plain Node import it.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { constants, getSystemErrorName } from 'node:util'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { abortError, DsmError, defineImpl, integerBetween, outOfRange } from '../dist/index.js'
