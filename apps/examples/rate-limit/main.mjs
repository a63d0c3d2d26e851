/**
 * Plays the process manager and the clients: three services, started on their own; many requests at
 * once; one service killed and started again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

async function startService() {
  const service = spawn(process.execPath, ['service.mjs'], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = await once(service.stdout, 'data')
  return { service, url: `http://localhost:${Number(port)}/` }
}

async function stop({ service }, signal) {
  const ended = once(service, 'exit')
  service.kill(signal)
  await ended
}

/** Sends all requests at once. @returns how many were allowed */
async function send({ url }, count) {
  const responses = await Promise.all(Array.from({ length: count }, () => fetch(url)))
  await Promise.all(responses.map(response => response.arrayBuffer()))
  return responses.filter(({ status }) => status === 200).length
}

const services = await Promise.all([startService(), startService(), startService()])
const allowed = await Promise.all(services.map(service => send(service, 50)))
const total = allowed.reduce((sum, count) => sum + count, 0)
console.log(`3 services, 50 requests each, all at once: ${total} allowed, ${150 - total} refused`)

await stop(services.pop(), 'SIGKILL')
services.push(await startService())
console.log(`one killed and started again: it allows ${await send(services.at(-1), 50)} more`)

await Promise.all(services.map(service => stop(service, 'SIGTERM')))
