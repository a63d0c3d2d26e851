/** Two members, both with pid 1 in a namespace of their own: neither is taken for the other. */
import { needsNamespaces, PID_NAMESPACE, type Scene } from '../scene.js'

export const twoNamespaces: Scene = {
  name: 'two PID namespaces',
  needs: needsNamespaces,
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    const [one, two] = [PID_NAMESPACE, PID_NAMESPACE].map(command => stage.actor({ command }))
    if (one === undefined || two === undefined) return
    stage.same(await one.does('join'), 1, 'pid')
    stage.same(await two.does('join'), 1, 'pid')
    await two.does('attach', board.handle)
    await one.does('lock', board.handle)
    const words = new Int32Array(board.buffer)
    stage.same(dsm.lock(words, 0).tryAcquire(), null, 'the lock of a living owner')
    await one.killed()
    await stage.buries(dsm, board, 2)
    stage.same(await two.does('lock', board.handle), false, 'recovered, after a takeover')
    await two.does('unlock')
    await two.does('close')
  },
}
