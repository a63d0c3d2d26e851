/**
 * Ends with two segments attached, and says in which order the ends of things come. A script of its
 * own, not `member.mjs`: what a process writes while it ends reaches nobody by message.
 * node exit-order.mjs <group> <namePrefix> <orderly | throwing>
 */
import { writeSync } from 'node:fs'
import { posix } from '@dsm/impl-posix'
import { openDsm } from '../../dist/index.js'

const [name, namePrefix, how] = process.argv.slice(2)
const say = word => writeSync(1, `${word}\n`)

process.once('beforeExit', () => say('beforeExit'))
process.on('exit', () => say('exit, listening since before the group was opened'))
const dsm = openDsm({ name, impl: posix({ namePrefix }), maxMembers: 4, maxSegments: 8 })
process.on('exit', () => say('exit, listening since after it'))

for (const size of [1, 2]) {
  const segment = dsm.create(size)
  for (const order of ['first', 'second']) segment.onDetach(() => say(`${size} ${order}`))
  if (how === 'orderly' || size === 1) continue
  segment.onDetach(() => {
    say(`${size} throws`)
    throw new Error('on purpose')
  })
}
