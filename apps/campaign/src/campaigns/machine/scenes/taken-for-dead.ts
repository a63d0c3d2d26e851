/**
 * Foreign code closes the descriptor that a member's byte hangs on: to the others it is dead, and a
 * newcomer has its entry. It lives, and must touch nothing any more.
 */
import type { Scene } from '../scene.js'

export const takenForDead: Scene = {
  name: 'taken for dead',
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    const buried = stage.actor()
    await buried.does('join')
    await buried.does('attach', board.handle)
    await buried.does('create', 5000)
    await buried.does('lose its byte')
    await stage.until(() => dsm.members().length === 1, 'a member without a byte is not taken back')
    const heir = stage.actor()
    await heir.does('join')
    await heir.does('attach', board.handle)
    for (const operation of ['create', 'attach', 'look']) {
      stage.same(
        await buried.does(operation, board.handle),
        'DSM_FENCED',
        `${operation} of a ghost`,
      )
    }
    stage.same(dsm.members().length, 2, 'members')
    stage.same(dsm.segments().length, 1, 'segments')
    stage.same(dsm.segments()[0]?.refcnt, 3, 'references to the board')
    await buried.does('close')
    stage.same(dsm.segments()[0]?.refcnt, 3, 'references to the board when the ghost has gone')
    await heir.does('close')
  },
}
