/**
 * Says that nothing of this run is left on the machine. Each test says so at its end; this one of
 * all of them together. vitest runs the smallest file, or the quickest of the last run, last.
 */
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { forgetPids, leftovers, RUN } from './support/place.js'

test('nothing of ours is left in /dev/shm, /proc/sysvipc/shm and the temporary directory', () => {
  expect(existsSync('/proc/sysvipc/shm')).toBe(true)
  expect(leftovers()).toEqual([])
  forgetPids()
  expect(readdirSync(tmpdir()).filter(name => name.startsWith(RUN))).toEqual([])
})
