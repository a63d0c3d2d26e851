/**
 * A shop as a group: one process that keeps tables, five that use some of them and make and drop
 * segments of their own. For the pictures of the documentation; ends after half a minute at most.
 */
import { fork } from 'node:child_process'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'

const MIB = 2 ** 20
const TABLES = {
  catalogue: 48 * MIB,
  prices: 6 * MIB,
  sessions: MIB,
  'geoip-v4': 130 * MIB,
  'rate-limits': 4096,
}
const WORKERS = 5

setTimeout(() => process.exit(), 30_000).unref()
process.on('disconnect', () => process.exit())

const worker = process.argv[2]
if (worker === undefined) keep()
else use(Number(worker))

function keep() {
  const dsm = openDsm({
    name: 'shop',
    impl: posix(),
    maxMembers: 16,
    maxSegments: 144,
    mainRegionSize: 4 * MIB,
  })
  for (const [name, size] of Object.entries(TABLES)) {
    const segment = dsm.create(size, { ownObject: size > 65_536 })
    dsm.publish(name, segment.handle)
    if (name === 'catalogue' || name === 'prices') segment.pin()
  }
  for (let n = 0; n < WORKERS; n++) fork(import.meta.filename, [String(n)])
}

function use(n) {
  const dsm = openDsm({ name: 'shop' })
  Object.keys(TABLES).forEach((name, at) => {
    if (at < 2 || (n + at) % 3 !== 1) dsm.attach(dsm.lookup(name))
  })
  const own = []
  const pages = () => Math.ceil(1 + Math.random() ** 2 * 50)
  setInterval(
    () => {
      for (let i = 0; i < 6; i++) {
        if (own.length < 2 + n) own.push(dsm.create(4096 * pages()))
        else own.splice(Math.floor(Math.random() * own.length), 1)[0].detach()
      }
    },
    8 + 6 * n,
  )
}
