/**
 * An Apache Arrow table, put in a segment once and read by three processes where it lies.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'
import { tableFromArrays, tableToIPC } from 'apache-arrow'

const ROWS = 300_000
const READERS = 3

const days = Int32Array.from({ length: ROWS }, (_, row) => row % 365)
const degrees = Float64Array.from(days, day => 15 - 10 * Math.cos((day / 365) * 2 * Math.PI))
const message = tableToIPC(tableFromArrays({ days, degrees }), 'stream')

const dsm = openDsm({ name: 'arrow', impl: posix() })
const segment = dsm.create(message.length)
segment.bytes.set(message) // the only copy
console.log(`a table of ${ROWS} rows, ${segment.size} bytes, in one segment`)

async function read(number) {
  const reader = fork(`${import.meta.dirname}/reader.mjs`, [segment.handle, number, READERS])
  const [[found]] = await Promise.all([once(reader, 'message'), once(reader, 'exit')])
  return found
}

const results = await Promise.all(Array.from({ length: READERS }, (_, number) => read(number)))
for (const [number, { rows, columns, borrowed, own }] of results.entries()) {
  console.log(
    `reader ${number}: ${rows} rows of its share; buffers of ${columns} columns: ` +
      `${borrowed} in the segment, ${own} of its own`,
  )
}
const sum = results.reduce((total, each) => total + each.sum, 0)
console.log(`mean of all shares: ${(sum / ROWS).toFixed(3)} degrees`)
dsm.close()
