/**
 * One private PostgreSQL server: made, started, asked, stopped and killed. It is reached by a
 * socket in its own directory only, writes nothing outside, and runs under timeout(1), so that it
 * ends even if everybody who knows of it was killed. It knows nothing of ours.
 */
import { execFile, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { attachments } from './system-v.mjs'

const run = promisify(execFile)
/** Ends what it runs when its time is up. */
const WATCHDOG = 'timeout'
const LIFE_SECONDS = 130
const STEP_MS = 55_000
const ENV = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }

/** Small, quick, quiet; `debug2` makes it say which shared memory it makes and cleans up. */
const SETTINGS = {
  autovacuum: 'off',
  fsync: 'off',
  listen_addresses: '',
  log_min_messages: 'debug2',
  max_connections: '20',
  shared_buffers: '1MB',
  update_process_title: 'off',
}

export class Cluster {
  #bin
  #base
  #data
  #starts = 0
  #process = null
  #exited = Promise.resolve()
  #clients = new Set()
  /** Of the running postmaster, or the last one. */
  pid = 0

  constructor(bin, base) {
    this.#bin = bin
    this.#base = base
    this.#data = join(base, 'data')
  }

  get data() {
    return this.#data
  }

  get running() {
    return this.#process !== null
  }

  async make() {
    const words = ['-D', this.#data, '-A', 'trust', '-U', 'judge', '-N', '-E', 'UTF8']
    await run(join(this.#bin, 'initdb'), words, { env: ENV, timeout: STEP_MS })
  }

  /** Until it takes connections. @throws with its last words */
  async start(settings = {}) {
    if (this.running) throw new Error('it runs already')
    const asked = { ...SETTINGS, unix_socket_directories: this.#base, ...settings }
    const options = Object.entries(asked).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = [join(this.#bin, 'postgres'), '-D', this.#data, ...options]
    this.#starts++
    const log = openSync(this.#logPath, 'w')
    const words = ['-s', 'INT', '-k', '5', String(LIFE_SECONDS), ...server]
    const started = spawn(WATCHDOG, words, {
      cwd: this.#base,
      env: ENV,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    this.#process = started
    this.#exited = new Promise(resolve => {
      started.on('error', resolve)
      started.on('exit', resolve)
    }).then(() => {
      this.#process = null
    })
    for (const until = Date.now() + STEP_MS; !this.#isReady(); await sleep(10)) {
      if (this.running && Date.now() < until) continue
      throw new Error(`the server did not start:\n${this.log()}`)
    }
    this.pid = Number(this.pidFile()[0])
  }

  /** Clients are asked to leave; everything that it made in shared memory goes. */
  async stop(signal = 'SIGINT') {
    try {
      if (this.running) process.kill(this.pid, signal)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error // it ends just now
    }
    await this.#exited
    this.#endClients()
  }

  /**
   * SIGKILL of all its processes in one instant: they are stopped first, or the others would notice
   * the death of one and clean up. Waits until nobody has its System V header mapped.
   * @param mayDie is asked about the stopped processes; if not, they go on for a moment.
   */
  async kill(mayDie) {
    const [, shmid] = this.pidFile()[6].trim().split(/\s+/)
    for (;;) {
      await stopped(this.pid) // it makes no more children
      const all = this.processes()
      for (const pid of all) await stopped(pid)
      const now = mayDie(all)
      for (const pid of all) process.kill(pid, now ? 'SIGKILL' : 'SIGCONT')
      if (now) break
      await sleep(5)
    }
    await this.#exited
    while (attachments(Number(shmid)) > 0) await sleep(1)
    this.#endClients()
  }

  /** Nobody reaps its orphans in some containers, and then its pid seems to be alive for ever. */
  forgetPid() {
    rmSync(join(this.#data, 'postmaster.pid'), { force: true })
  }

  /** The postmaster first, then its children. */
  processes() {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    const children = pids.filter(pid => stat(pid)?.parent === this.pid && stat(pid).state !== 'Z')
    return [this.pid, ...children.map(Number)]
  }

  /** What its last start has written so far. */
  log() {
    return readFileSync(this.#logPath, 'utf8')
  }

  pidFile() {
    return readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n')
  }

  /** Runs statements to their end; what the last one gave, unaligned. */
  async ask(...statements) {
    const { stdout } = await run(...this.#psql(statements), { env: ENV, timeout: STEP_MS })
    return stdout.trim()
  }

  /** Begins statements that nobody waits for. */
  begin(...statements) {
    const [command, words] = this.#psql(statements)
    const client = spawn(command, words, {
      env: ENV,
      stdio: 'ignore',
      timeout: LIFE_SECONDS * 1000,
    })
    this.#clients.add(client)
    client.on('exit', () => this.#clients.delete(client))
  }

  get #logPath() {
    return join(this.#base, `log.${this.#starts}`)
  }

  #psql(statements) {
    const words = ['-X', '-q', '-A', '-t', '-h', this.#base, '-U', 'judge', '-d', 'postgres']
    return [join(this.#bin, 'psql'), [...words, ...statements.flatMap(text => ['-c', text])]]
  }

  #isReady() {
    if (!existsSync(join(this.#data, 'postmaster.pid'))) return false
    return /^ready\s*$/.test(this.pidFile()[7] ?? '') && stat(this.pidFile()[0]) !== null
  }

  #endClients() {
    for (const client of this.#clients) client.kill('SIGKILL')
  }
}

async function stopped(pid) {
  process.kill(pid, 'SIGSTOP')
  while (!['T', 'Z', undefined].includes(stat(pid)?.state)) await sleep(1)
}

/** null: there is no such process. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return null
  }
}
