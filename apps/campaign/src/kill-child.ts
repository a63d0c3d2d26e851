/** The program of the campaign `kill-stores`: does one operation, and dies before a given store. */
import { setStoreTrap } from '@dsm/control'
import { openDsm } from '@dsm/core'
import { childOptions } from './child.js'
import { type KillOptions, operations, type Survived } from './kill-operations.js'

const { group, operation, store, base } = childOptions<KillOptions>()
const prepare = operations[operation]
if (prepare === undefined) throw new Error(`there is no operation "${operation}"`)
const action = prepare(() => openDsm({ name: group }), base)
let stores = 0
setStoreTrap(() => {
  if (++stores === store) process.kill(process.pid, 'SIGKILL')
})
await action()
setStoreTrap(null)
process.send?.({ stores } satisfies Survived)
setInterval(() => undefined, 1000) // until it is killed
