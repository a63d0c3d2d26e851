/** Killed, and not reaped: `kill(pid, 0)` says that it lives. It must count as dead at once. */
import { stateOf } from '../../../machine.js'
import type { Scene } from '../scene.js'

/** A parent that never waits: the member runs behind it. */
const NEGLIGENT = ['sh', '-c', '"$0" "$@" & exec sleep 30']

export const zombie: Scene = {
  name: 'zombie',
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    const victim = stage.actor({ command: NEGLIGENT })
    const pid = Number(await victim.does('join'))
    await victim.does('create', 5000)
    await victim.does('lock', board.handle)
    process.kill(pid, 'SIGKILL')
    await stage.until(() => stateOf(pid) === 'Z', 'it is no zombie')
    await stage.buries(dsm, board)
    stage.same(stateOf(pid), 'Z', 'state of the dead')
  },
}
