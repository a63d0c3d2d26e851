/** Who is handed bytes, by the way that its command line names: it reads them, and says what. */
import { read } from './hand-over/reading.js'
import type { Reading } from './hand-over/way.js'
import { ways } from './hand-over/ways.js'

const [name = '', reading = '', word = ''] = process.argv.slice(2)
const taker = ways.find(way => way.name === name)!.take(word)

process.on('message', message => {
  const { bytes, done } = taker.take(message)
  const found = read(bytes, reading as Reading)
  done()
  process.send?.(found)
})
process.on('disconnect', async () => {
  await taker.close()
  process.exit(0)
})
process.send?.('ready')
