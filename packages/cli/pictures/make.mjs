/**
 * Makes the pictures of the documentation from a real run: `node pictures/make.mjs` in this
 * package, built. It opens a group (`shop.mjs`), lets `dsm top` draw on a terminal of its own
 * (script(1)) for some seconds, and has `dsm inspect` draw the same group.
 */
import { execFileSync, fork, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { terminalSvg } from './terminal-svg.mjs'

const MAIN = join(import.meta.dirname, '..', 'dist', 'main.js')
const IMAGES = join(import.meta.dirname, '..', '..', '..', 'docs', 'images')
const COLUMNS = 100
const ROWS = 40
const SECONDS = 9

/** Ends within half a minute, whatever happens. */
async function lastFrame() {
  const top = `exec "${process.execPath}" "${MAIN}" top --interval 0.2`
  const command = `stty cols ${COLUMNS} rows ${ROWS}; ${top}`
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm', COLUMNS: '', NO_COLOR: '' },
    timeout: 30_000,
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', more => {
    text += more
  })
  setTimeout(() => child.stdin.write('q'), SECONDS * 1000)
  await new Promise(resolve => child.on('close', resolve))
  const frames = text.split('\u001b[H').slice(1)
  return frames.at(-1).split('\u001b[J')[0].split('\r\n')
}

const place = mkdtempSync(join(tmpdir(), 'dsm-pictures-'))
process.env.DSM_DIR = join(place, 'groups')
const shop = fork(join(import.meta.dirname, 'shop.mjs'))
try {
  await sleep(1500)
  const lines = await lastFrame()
  writeFileSync(join(IMAGES, 'dsm-top.svg'), terminalSvg(lines, 'dsm top', COLUMNS))
  const picture = join(place, 'shop.svg')
  execFileSync(process.execPath, [MAIN, 'inspect', 'shop', '--svg', picture], { timeout: 20_000 })
  writeFileSync(join(IMAGES, 'dsm-inspect.svg'), readFileSync(picture))
} finally {
  shop.disconnect()
  await sleep(1000)
  execFileSync(process.execPath, [MAIN, 'clean'], { stdio: 'inherit', timeout: 20_000 })
  rmSync(place, { recursive: true })
}
