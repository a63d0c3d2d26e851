/**
 * The survivor: finds a half-done transfer of a killed process, and goes on.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'
import { Ledger } from './ledger.mjs'

const dsm = openDsm({ name: 'killed-writer', impl: posix() })
const { segment } = dsm.getOrCreate('accounts', Ledger.sizeOf(3))
const ledger = new Ledger(dsm, segment, recovered =>
  console.log(`got the lock; its last owner died holding it: ${recovered}`),
)
new Int32Array(segment.buffer).set([100, 200, 300], 6)

function show(when) {
  const { balances } = ledger
  const total = balances.reduce((sum, balance) => sum + balance)
  console.log(`${when}: ${balances.join(' + ')} = ${total}`)
}

show('before')
const [, signal] = await once(fork(`${import.meta.dirname}/writer.mjs`), 'exit')
show(`the writer was ended by ${signal}`)
ledger.transfer(2, 1, 0)
show('put back')
ledger.transfer(2, 1, 50)
show('and after another transfer')
dsm.close()
