/**
 * Somebody else truncates a file of the group. Whoever has it mapped and touches it dies of SIGBUS:
 * the kernel's doing, which no library can promise away. What is promised: the others go on, nobody
 * new attaches it, and what the dead one held comes back.
 */
import { truncateSync } from 'node:fs'
import type { Scene } from '../scene.js'

export const truncatedFile: Scene = {
  name: 'truncated file',
  async play(stage) {
    const dsm = stage.open({ impl: 'mmap' })
    const board = stage.board(dsm)
    const file = dsm.create(50_000)
    const [victim, other] = [stage.actor(), stage.actor()]
    await victim.does('touch', file.handle)
    await victim.does('lock', board.handle)
    await other.does('attach', board.handle)
    truncateSync(file.osName ?? '', 0)
    stage.same(await other.does('attach', file.handle), 'DSM_FOREIGN', 'attaching it')
    stage.same(await victim.endsIn('touch', file.handle), 'SIGBUS', 'touching it')
    file.detach()
    await stage.buries(dsm, board, 2)
    await other.does('close')
  },
}
