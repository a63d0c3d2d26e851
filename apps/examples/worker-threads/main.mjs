/**
 * Four worker threads paint one picture, each its own rows, in one segment. A thread that opens the
 * group is a member of its own: what it holds comes back even if it is terminated.
 */
import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'

const GROUP = 'worker-threads'
const THREADS = 4
const WIDTH = 64
const HEIGHT = 24
const SHADES = ' .:-=+*#%@'

/** How fast a point of the plane runs away: 0 to 9, and 9 for never. */
function shade(x, y) {
  let [a, b] = [0, 0]
  for (let step = 0; step < 90; step++) {
    if (a * a + b * b > 4) return Math.min(9, Math.floor(step / 2))
    ;[a, b] = [a * a - b * b + x, 2 * a * b + y]
  }
  return 9
}

function paint({ handle, first }) {
  const dsm = openDsm({ name: GROUP })
  const { bytes } = dsm.attach(handle)
  for (let row = first; row < HEIGHT; row += THREADS) {
    for (let column = 0; column < WIDTH; column++) {
      const x = (column / WIDTH) * 3 - 2.2
      const y = (row / (HEIGHT - 1)) * 2.4 - 1.2
      bytes[row * WIDTH + column] = SHADES.charCodeAt(shade(x, y))
    }
  }
  dsm.close()
}

async function main() {
  const dsm = openDsm({ name: GROUP, impl: posix() })
  const segment = dsm.create(WIDTH * HEIGHT)
  const ended = Array.from({ length: THREADS }, (_, first) => {
    const data = { handle: segment.handle, first }
    return once(new Worker(new URL(import.meta.url), { workerData: data }), 'exit')
  })
  await Promise.all(ended)
  for (let row = 0; row < HEIGHT; row++) {
    console.log(
      Buffer.from(segment.buffer, row * WIDTH, WIDTH)
        .toString()
        .trimEnd(),
    )
  }
  const { attached } = dsm.stats()
  console.log(`${segment.size} bytes, painted by ${attached} threads`)
  dsm.close()
}

if (isMainThread) await main()
else paint(workerData)
