/**
 * The other process of the campaign `cycles`: attaches each segment it is told of, checks what is
 * in it, answers in it and detaches. With a canary it leaks on purpose.
 */
import { openSync } from 'node:fs'
import { openDsm } from '@dsm/core'
import { childOptions } from './child.js'
import { ANSWER, type EchoOptions, type EchoReply, type EchoRequest } from './echo-protocol.js'
import { holdings, settle } from './machine.js'

const { group, canary } = childOptions<EchoOptions>()
const dsm = openDsm({ name: group })
const kept: unknown[] = []
const LEAK_EVERY = 10
let cycle = 0

function answer(handle: number): EchoReply {
  const segment = dsm.attach(handle)
  if (segment === null) return { problem: `segment ${handle} is unknown here` }
  const { bytes } = segment
  const last = bytes[bytes.length - 1]
  const right =
    bytes[0] === (handle & 0xff) && (bytes.length === 1 || last === ((handle >>> 8) & 0xff))
  bytes[0] = ANSWER
  const leaks = ++cycle % LEAK_EVERY === 0
  if (leaks && canary === 'descriptor') kept.push(openSync('/dev/null', 'r'))
  if (leaks && canary === 'memory') kept.push(new Uint8Array(1 << 20).fill(1))
  if (!leaks || canary !== 'attachment') segment.detach()
  if (segment.detached && bytes.length !== 0) return { problem: 'a view outlived detach' }
  return { problem: right ? null : `segment ${handle} has strange bytes` }
}

process.on('message', async (request: EchoRequest) => {
  if (request.kind === 'attach') process.send?.(answer(request.handle))
  if (request.kind === 'measure') {
    await settle()
    process.send?.(holdings())
  }
  if (request.kind === 'leave') {
    dsm.close()
    process.removeAllListeners('disconnect')
    process.disconnect?.()
    process.exitCode = 0
  }
})
process.send?.('ready')
