/**
 * Who is handed things in the trial `hand-over`: a handle or the bytes themselves. It reads the
 * first byte and sends it back.
 */
import { openDsm } from '@dsm/core'

const [group] = process.argv.slice(2)
const dsm = group ? openDsm({ name: group }) : null

process.on('message', (message: number | Uint8Array) => {
  if (typeof message !== 'number') {
    process.send?.(message[0])
    return
  }
  const segment = dsm?.attach(message)
  process.send?.(segment?.bytes[0])
  segment?.detach()
})
process.on('disconnect', () => {
  dsm?.close()
  process.exit(0)
})
process.send?.('ready')
