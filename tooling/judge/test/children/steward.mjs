/**
 * The steward of one PostgreSQL server: a process under the server's user that runs it, looks at
 * it, and cleans up after it with our code. When whoever tells it what to do is gone, the server
 * goes too, with all that it made.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { cleanControlSegment } from '@dsm/control'
import { Cluster } from './cluster.mjs'
import { bytesOf, headerOf, look, nameOf, namespaces, objects, unrecorded } from './observe.mjs'
import { begin } from './service.mjs'

const { bin, base } = JSON.parse(process.argv[2])
const cluster = new Cluster(bin, base)
let kind = 'posix'

/** As the server's user, who alone can: /dev/shm is sticky. */
function clean() {
  const { handle } = headerOf(cluster)
  const bytes = bytesOf(kind, cluster.data, handle) ?? new Uint8Array(0)
  const warnings = []
  const silent = () => {}
  const warn = message => warnings.push(message)
  const logger = { debug: silent, info: silent, warn, error: warn }
  return { ...cleanControlSegment(bytes, handle, namespaces[kind], logger), warnings }
}

async function end() {
  if (cluster.running) await cluster.stop('SIGQUIT')
  else if (cluster.pid !== 0 && existsSync(join(cluster.data, 'postmaster.pid'))) {
    cluster.forgetPid() // it was killed: its next start removes what it left
    await cluster.start({ dynamic_shared_memory_type: kind })
    await cluster.stop()
  }
  rmSync(base, { recursive: true, force: true })
}

begin(
  {
    make: () => cluster.make(),
    async start(type, settings) {
      if (cluster.running) await cluster.stop() // of a test that failed
      kind = type
      cluster.forgetPid()
      await cluster.start({ dynamic_shared_memory_type: kind, ...settings })
      return cluster.pid
    },
    stop: () => cluster.stop(),
    kill: () => cluster.kill(pids => unrecorded(kind, cluster, pids).length === 0),
    ask: (...statements) => cluster.ask(...statements),
    begin: (...statements) => cluster.begin(...statements),
    log: () => cluster.log(),
    look: () => look(kind, cluster),
    header: () => headerOf(cluster),
    objects: () => objects(kind, cluster.data),
    name: handle => nameOf(kind, handle),
    bytes: handle => bytesOf(kind, cluster.data, handle),
    clean,
    /** A file in /dev/shm that is not a segment of anybody who keeps books. */
    plant: (name, bytes) => writeFileSync(`/dev/shm${name}`, bytes, { mode: 0o600, flag: 'wx' }),
    remove: name => rmSync(`/dev/shm${name}`),
    changeMode: (name, mode) => chmodSync(`/dev/shm${name}`, mode),
    overwrite(name, offset, bytes) {
      const file = openSync(`/dev/shm${name}`, 'r+')
      writeSync(file, bytes, 0, bytes.length, offset)
      closeSync(file)
    },
    setControlHandle(handle) {
      const words = [String(headerOf(cluster).shmid), String(handle)]
      const program = join(base, 'control-handle')
      return Number(execFileSync(program, words, { encoding: 'utf8', timeout: 10_000 }))
    },
    end,
  },
  end,
)
