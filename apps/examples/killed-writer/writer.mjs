/**
 * A writer that is killed in the middle of a transfer, holding the lock: no handler runs, nothing
 * is cleaned up.
 */
import { openDsm } from '@dsm/core'
import { Ledger } from './ledger.mjs'

const dsm = openDsm({ name: 'killed-writer' })
const ledger = new Ledger(dsm, dsm.attach(dsm.lookup('accounts')))
ledger.transfer(0, 1, 70, () => process.kill(process.pid, 'SIGKILL'))
