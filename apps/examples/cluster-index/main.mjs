/**
 * A web service whose cluster workers answer from one index that is in memory once. The primary
 * builds it; workers find it by name, and are handed no byte of it.
 */
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'
import { buildIndex, findCountry, sizeOf } from './index.mjs'

const GROUP = 'cluster-index'
const RANGES = 200_000

function serve() {
  const dsm = openDsm({ name: GROUP })
  const segment = dsm.attach(dsm.lookup('ranges'))
  createServer((request, response) => {
    const country = findCountry(segment.buffer, request.url.slice(1))
    response.end(JSON.stringify({ country, worker: cluster.worker.id }))
  }).listen(0) // the same port in every worker
}

async function startWorker() {
  const [address] = await once(cluster.fork(), 'listening')
  return address.port
}

async function main() {
  const dsm = openDsm({ name: GROUP, impl: posix() })
  const segment = dsm.create(sizeOf(RANGES))
  buildIndex(segment.buffer)
  dsm.publish('ranges', segment.handle)
  console.log(`index: ${RANGES} ranges in ${segment.size} bytes`)

  const [port] = await Promise.all([startWorker(), startWorker()])
  const workers = new Set()
  for (const address of ['9.9.9.9', '93.184.216.34', '130.89.1.2', '200.1.2.3']) {
    const response = await fetch(`http://localhost:${port}/${address}`, {
      headers: { connection: 'close' }, // the next request goes to the next worker
    })
    const { country, worker } = await response.json()
    workers.add(worker)
    console.log(`${address} is in ${country}`)
  }
  console.log(`answered by workers ${[...workers].sort().join(' and ')}`)
  const [{ size, members }] = dsm.segments()
  console.log(`${members.length} processes attached, ${size} bytes in memory`)

  cluster.disconnect(() => dsm.close())
}

if (cluster.isPrimary) await main()
else serve()
