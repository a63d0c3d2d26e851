/** The other process of the campaign `model`. */
import { openDsm } from '@dsm/core'
import { childOptions } from './child.js'
import { Hand, type HandOptions, type HandRequest } from './model-hand.js'

const { group, canary } = childOptions<HandOptions>()
const hand = new Hand(openDsm({ name: group }), canary)

process.on('message', (request: HandRequest) => {
  process.send?.(hand.do(request))
  if (request.kind !== 'leave') return
  process.removeAllListeners('disconnect')
  process.disconnect?.()
})
process.send?.('ready')
