/** A new process gets the pid of a dead one that held the lock: neither is taken for the other. */
import { writeFileSync } from 'node:fs'
import { needsNamespaces, PID_NAMESPACE, type Scene } from '../scene.js'
import type { Actor, Stage } from '../stage.js'

const TRIES_MAX = 50

/** Threads take pids too, so it may need some tries. */
async function withPid(stage: Stage, pid: number): Promise<Actor | null> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1))
    const actor = stage.actor()
    if (actor.child.pid === pid) return actor
    await actor.killed()
  }
  return null
}

export const reusedPid: Scene = {
  name: 'reused pid',
  within: PID_NAMESPACE,
  needs: needsNamespaces,
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    const victim = stage.actor()
    const pid = Number(await victim.does('join'))
    await victim.does('create', 5000)
    await victim.does('lock', board.handle)
    await victim.killed()
    const next = await withPid(stage, pid)
    if (next === null) return stage.check(false, `pid ${pid} could not be had again`)
    await next.does('attach', board.handle)
    await stage.buries(dsm, board, 2)
    stage.same(await next.does('lock', board.handle), false, 'recovered, after a takeover')
    await next.does('unlock')
    await next.does('close')
  },
}
