/**
 * Reads its share of the table, and looks whether Arrow copied anything: a column that lies in the
 * segment has the segment's own ArrayBuffer behind it.
 */

import { openDsm } from '@dsm/core'
import { tableFromIPC } from 'apache-arrow'

const [handle, number, readers] = process.argv.slice(2).map(Number)
const dsm = openDsm({ name: 'arrow' })
const segment = dsm.attach(handle)
const table = tableFromIPC(segment.bytes)

const buffers = table.schema.fields.flatMap(({ name }) =>
  table.getChild(name).data.map(({ values }) => values.buffer),
)
const borrowed = buffers.filter(buffer => buffer === segment.buffer).length

const degrees = table.getChild('degrees')
const from = Math.floor((table.numRows / readers) * number)
const to = Math.floor((table.numRows / readers) * (number + 1))
let sum = 0
for (let row = from; row < to; row++) sum += degrees.get(row)

const columns = table.numCols
process.send({ rows: to - from, columns, borrowed, own: buffers.length - borrowed, sum })
process.disconnect()
dsm.close()
