/** Who is handed bytes by a Unix socket: it has all of them in one piece before it reads. */
import { connect } from 'node:net'
import { read } from './hand-over/reading.js'
import type { Reading } from './hand-over/way.js'

const [path = '', size = '', reading = ''] = process.argv.slice(2)
const bytes = new Uint8Array(Number(size))
let filled = 0

const socket = connect(path, () => process.send?.('ready'))
socket.on('data', chunk => {
  bytes.set(chunk, filled)
  filled += chunk.length
  if (filled < bytes.length) return
  filled = 0
  process.send?.(read(bytes, reading as Reading))
})
process.on('disconnect', () => process.exit(0))
