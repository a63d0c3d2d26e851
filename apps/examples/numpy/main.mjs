/**
 * A NumPy array in shared memory: written by Python and read by Node, then the reverse. Node makes
 * the segments and removes them; Python opens them by the name that the operating system knows.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'

/** Runs the Python half, and waits for it. */
function python(command, segment, ...shape) {
  const program = `${import.meta.dirname}/segment_array.py`
  const { status } = spawnSync('python3', [program, command, segment.osName, ...shape], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`python3 ${command} ended with ${status}`)
}

const dsm = openDsm({ name: 'numpy', impl: posix() })
const bytesOf = count => count * Float64Array.BYTES_PER_ELEMENT

const [rows, columns] = [3, 4]
const table = dsm.create(bytesOf(rows * columns), { ownObject: true }) // with a name of its own
python('write', table, rows, columns)
const cells = new Float64Array(table.buffer)
console.log(`Node reads ${table.osName}, which Python wrote:`)
for (let row = 0; row < rows; row++) {
  console.log(cells.subarray(row * columns, (row + 1) * columns).join(' '))
}

const count = 1_000_000
const wave = dsm.create(bytesOf(count), { ownObject: true })
const samples = new Float64Array(wave.buffer)
for (let index = 0; index < count; index++) samples[index] = 1 + Math.sin(index / 100)
python('read', wave, count)

console.log(`Python has ended twice; both are still there: ${[table, wave].every(isThere)}`)
dsm.close()
console.log(`Node has left; both are gone: ${![table, wave].some(isThere)}`)

function isThere(segment) {
  return existsSync(`/dev/shm${segment.osName}`)
}
