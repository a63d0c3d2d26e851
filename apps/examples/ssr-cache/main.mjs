/**
 * A server-side rendering service: what one worker has rendered, no other renders again.
 */
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'
import { PageCache } from './page-cache.mjs'

const PLACES = 3

function joinCache(dsm) {
  const { segment } = dsm.getOrCreate('pages', PageCache.sizeOf(PLACES))
  return new PageCache(dsm, segment)
}

const render = url => `<h1>The page ${url}</h1>` // stands for something slow

function serve() {
  const cache = joinCache(openDsm({ name: 'ssr-cache' }))
  createServer((request, response) => {
    const kept = cache.get(request.url)
    const page = kept ?? render(request.url)
    if (kept === null) cache.set(request.url, page)
    response.setHeader('x-made', kept === null ? 'rendered' : 'from the cache')
    response.setHeader('x-worker', cluster.worker.id)
    response.end(page)
  }).listen(0)
}

async function startWorker() {
  const [address] = await once(cluster.fork(), 'listening')
  return address.port
}

async function main() {
  const dsm = openDsm({ name: 'ssr-cache', impl: posix() })
  const cache = joinCache(dsm) // attached, so that it lives through restarts of workers
  const [port] = await Promise.all([startWorker(), startWorker()])
  const workers = new Set()
  for (const url of ['/', '/', '/news', '/shop', '/', '/about', '/news', '/']) {
    const { headers } = await fetch(`http://localhost:${port}${url}`, {
      headers: { connection: 'close' },
    })
    workers.add(headers.get('x-worker'))
    console.log(`GET ${url.padEnd(7)} ${headers.get('x-made')}`)
  }
  console.log(`${workers.size} workers, ${PLACES} places, ${cache.evicted} pages evicted`)
  cluster.disconnect(() => dsm.close())
}

if (cluster.isPrimary) await main()
else serve()
