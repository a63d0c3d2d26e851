/** Stopped while it holds the lock of the group: alive. It is waited for, never robbed. */

import { DsmError } from '@dsm/core'
import { stateOf } from '../../../machine.js'
import type { Scene } from '../scene.js'

export const stoppedHolder: Scene = {
  name: 'stopped holder',
  async play(stage) {
    const dsm = stage.open({ lockTimeoutMs: 100 })
    const board = stage.board(dsm)
    const holder = stage.actor()
    const pid = Number(await holder.does('join'))
    await holder.does('attach', board.handle)
    const made = holder.does('stop in create')
    await stage.until(() => stateOf(pid) === 'T', 'it does not stop')
    let refused: unknown = 'nothing was refused'
    try {
      dsm.segments()
    } catch (error) {
      refused = error
    }
    const code = DsmError.isInstance(refused) ? refused.code : String(refused)
    stage.same(code, 'DSM_LOCK_TIMEOUT', 'waiting for a stopped owner')
    stage.check(String(refused).includes(`pid ${pid} (stopped)`), `it says ${String(refused)}`)
    process.kill(pid, 'SIGCONT')
    stage.same(await made, 100, 'what the stopped one made when it went on')
    stage.same(dsm.segments().length, 2, 'segments')
    await holder.does('close')
  },
}
