/**
 * A member of the test's group in a process of its own: opens it, does what it is told, and counts
 * every operation that fails. It ends with its channel, or at the latest in a minute.
 */
import { openDsm } from '@dsm/core'

setTimeout(() => process.kill(process.pid, 'SIGKILL'), 60_000).unref()
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

let dsm
let running = false
let operations = 0
const failures = []

const attempt = work => {
  try {
    operations++
    return work()
  } catch (error) {
    failures.push(`${error.code}: ${error.message}`)
    return null
  }
}

/** Creates, names, pins, attaches, detaches, for ever, with turns of the event loop. */
function churn(shared, mine) {
  if (!running) return
  for (let n = 0; n < 15; n++) {
    const size = 1 + Math.floor(Math.random() * 20_000)
    const made = attempt(() => dsm.create(size, { nullIfMaxSegments: true }))
    if (made !== null) mine.push(made)
    if (made !== null && n % 5 === 0) attempt(() => dsm.publish(`n${process.pid % 7}`, made.handle))
    if (made !== null && n % 7 === 0) attempt(() => made.pin())
    if (made !== null && n % 7 === 0) attempt(() => made.unpin())
    for (const handle of shared) {
      const segment = attempt(() => dsm.attach(handle))
      if (segment === null) failures.push(`segment ${handle} is gone`)
      else if (segment.bytes[0] !== 42) failures.push(`segment ${handle} was changed`)
      attempt(() => segment?.detach())
    }
    while (mine.length > 3) attempt(() => mine.shift().detach())
  }
  setImmediate(churn, shared, mine)
}

async function optionsOf({ kind, mmapDir, ...options }) {
  if (kind === undefined) return options
  const { [kind]: make } = await import(`@dsm/impl-${kind}`)
  return { ...options, impl: make(kind === 'mmap' ? { dir: mmapDir } : undefined) }
}

const does = {
  async open(options) {
    dsm = openDsm(await optionsOf(options))
    return dsm.memberIndex
  },
  create(size, options) {
    const segment = dsm.create(size, options)
    segment.bytes.fill(42)
    if (options?.name !== undefined) dsm.publish(options.name, segment.handle)
    if (options?.pin) segment.pin()
    return { handle: segment.handle, osName: segment.osName }
  },
  attach: handle => dsm.attach(handle) !== null,
  churn(shared) {
    running = true
    churn(shared, [])
  },
  stop() {
    running = false
    return { operations, failures }
  },
  shutdown: () => dsm.shutdown(),
  close: () => dsm.close(),
}

process.on('message', async ({ id, op, args }) => {
  try {
    process.send({ id, value: await does[op](...args) })
  } catch (error) {
    process.send({ id, error: `${error.code}: ${error.message}` })
  }
})
