/**
 * A member of a group of ours, under the server's user and with the server's names. It can be made
 * to fall silent just before or after a segment's object is made or removed, and to die at the
 * n-th store of an operation: what a kill then leaves is what a clean-up finds.
 */
import { setStoreTrap } from '@dsm/control'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'
import { sysv } from '@dsm/impl-sysv'
import { begin, fallSilent } from './service.mjs'

/** { op: 'create' | 'destroy', when: 'before' | 'after' }, once. */
let stopAt = null
/** What to do when the next object was made. */
let onceMade = () => {}
let dsm = null

function stopIf(op, when) {
  if (stopAt?.op !== op || stopAt.when !== when) return
  stopAt = null
  fallSilent()
}

/** The same mechanism, which stops where it is told. */
function stopping(impl) {
  const around = (namespace, op) =>
    function stoppingAround(...args) {
      stopIf(op, 'before')
      const result = namespace[op](...args)
      stopIf(op, 'after')
      if (op === 'create') onceMade()
      return result
    }
  const open = scope => {
    const namespace = impl.open(scope)
    const sameName = namespace.sameName?.bind(namespace)
    return {
      impl,
      scope,
      ...(sameName && { sameName }),
      osName: handle => namespace.osName(handle),
      create: around(namespace, 'create'),
      attach: (...args) => namespace.attach(...args),
      destroy: around(namespace, 'destroy'),
      close: () => namespace.close(),
    }
  }
  return { ...impl, open }
}

const impls = {
  posix: () => stopping(posix({ namePrefix: '/PostgreSQL.' })),
  sysv: () => stopping(sysv()),
}

const segment = handle => dsm.findMapping(handle)

const operations = {
  open({ kind, ...options }) {
    dsm = openDsm({ ...options, ...(kind && { impl: impls[kind]() }) })
    return dsm.controlHandle
  },
  create(size, options) {
    const made = dsm.create(size, options)
    return { handle: made.handle, name: made.osName }
  },
  attach: handle => dsm.attach(handle)?.size ?? null,
  detach: handle => segment(handle).detach(),
  pin: handle => segment(handle).pin(),
  fill: (handle, byte) => void segment(handle).bytes.fill(byte),
  isFilled: (handle, byte) => segment(handle).bytes.every(found => found === byte),
  /** As if we had drawn other people's handles: which could be made, which removed. */
  meddle(kind, handles) {
    const namespace = impls[kind]().open({ dir: '/', nonce: 'b'.repeat(13), options: {} })
    const own = { identity: 1, size: 64, recordedAtMs: Date.now(), creatorPid: process.pid }
    const made = handles.filter(handle => namespace.create(handle, 64) !== null)
    const removed = handles.filter(handle => namespace.destroy(handle, own))
    return { made, removed }
  },
  stop: (op, when) => {
    stopAt = { op, when }
  },
  /** Stores are counted from now, or from the making of the next object. */
  dieAtStore(n, from) {
    const arm = () => {
      let left = n
      setStoreTrap(() => {
        if (--left === 0) process.kill(process.pid, 'SIGKILL')
        while (left <= 0);
      })
    }
    if (from === 'object') onceMade = arm
    else arm()
  },
  /** Creates and detaches, over and over. */
  churn(times) {
    for (let n = 0; n < times; n++) dsm.create(64, { ownObject: true }).detach()
  },
  fallSilent,
  close: () => dsm.close(),
}

begin(operations, () => dsm?.close())
