/**
 * A member that attaches the segment it is told of, says so, and then waits to be killed.
 */
import { openDsm } from '@dsm/core'

const [dir, handle] = process.argv.slice(2)
openDsm({ dir }).attach(Number(handle))
process.send('attached')
setTimeout(() => process.exit(1), 30_000) // if nobody kills it
