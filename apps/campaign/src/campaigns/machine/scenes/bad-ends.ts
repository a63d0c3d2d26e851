/** Ends in which nothing of ours runs, or not all: abort, no heap left, an uncaught error. */
import type { Scene } from '../scene.js'

const WITHOUT_CORE = ['sh', '-c', 'ulimit -c 0; exec "$0" "$@"']

const ending = (operation: string, wanted: string | number): Scene => ({
  name: operation,
  async play(stage) {
    const dsm = stage.open()
    const board = stage.board(dsm)
    const victim = stage.actor({ command: WITHOUT_CORE, nodeArgs: ['--max-old-space-size=16'] })
    await victim.does('join')
    await victim.does('create', 5000)
    await victim.does('lock', board.handle)
    stage.same(await victim.endsIn(operation), wanted, 'its end')
    await stage.buries(dsm, board)
  },
})

export const badEnds: readonly Scene[] = [
  ending('abort', 'SIGABRT'),
  ending('run out of heap', 'SIGABRT'),
  ending('throw and not catch', 1),
]
