/**
 * Operations of the built package begun with hardly any stack left, at every depth from the last
 * possible one up. (Not within a test runner: its module getters swallow overflows.) Prints how
 * often each overflowed; ends with 1 and a sentence if anything is not as it should be afterwards.
 */
import assert from 'node:assert/strict'
import { openDsm } from '../../dist/index.js'

setTimeout(() => process.kill(process.pid, 'SIGKILL'), 60_000).unref()

const [one, two] = [openDsm(JSON.parse(process.argv[2])), openDsm(JSON.parse(process.argv[3]))]

function atTheEndOfTheStack(work) {
  let overflows = 0
  const attempt = () => {
    try {
      work()
      return true
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      overflows++
      return false
    }
  }
  const descend = () => {
    try {
      if (descend()) return true
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
    return attempt()
  }
  descend()
  return overflows
}

const works = {
  create: () => void one.create(64),
  attach: segment => void two.attach(segment.handle),
  detach: segment => segment.detach(),
  pin: segment => segment.pin(),
  publish: segment => one.publish('name', segment.handle),
}
/** What runs for the first time is compiled first, and that takes stack of its own. */
const warm = process.argv[4] === 'warm'
for (const work of warm ? Object.values(works) : []) {
  const segment = one.create(64)
  work(segment)
  if (one.segments().some(({ pinned }) => pinned)) one.unpinSegment(segment.handle)
  one.detachAll()
  two.detachAll()
}

const overflowed = {}
for (const [name, work] of Object.entries(works)) {
  overflowed[name] = 0
  for (let round = 0; round < 20; round++) {
    const segment = one.create(64)
    overflowed[name] += atTheEndOfTheStack(() => work(segment))
    if (one.segments().some(({ pinned }) => pinned)) one.unpinSegment(segment.handle)
    one.detachAll()
    two.detachAll()
    assert.equal(segment.detached, true)
    two.create(64).detach()
    one.create(64).detach()
    assert.deepEqual(one.segments(), [])
    assert.deepEqual(two.segments(), [])
  }
}
// Mending is for what the probe of the stack lets through, which is nothing but compiling.
if (warm) assert.equal(one.stats().reconciled, 0)
two.create(64)
overflowed.close = atTheEndOfTheStack(() => two.close())
two.close()
one.close() // the last one takes along what the other could not
console.log(JSON.stringify(overflowed))
