/** A copy of a member that never calls exec outlives it: it must not keep the dead one's locks. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scene } from '../scene.js'

/** Forks as it is loaded; the copy sleeps, and ends by itself. */
const FORKER = `
#include <unistd.h>
__attribute__((constructor)) static void copy() {
  if (fork() == 0) { alarm(5); for (;;) pause(); }
}
`

export const forkWithoutExec: Scene = {
  name: 'fork without exec',
  async play(stage) {
    const place = mkdtempSync(join(tmpdir(), 'dsm-forker-'))
    try {
      const [source, library] = [join(place, 'forker.cc'), join(place, 'forker.so')]
      writeFileSync(source, FORKER)
      execFileSync(process.env.CXX ?? 'c++', ['-shared', '-fPIC', '-o', library, source])
      process.env.DSM_FORKER = library
      const dsm = stage.open()
      const board = stage.board(dsm)
      const victim = stage.actor()
      await victim.does('join')
      await victim.does('create', 5000)
      await victim.does('lock', board.handle)
      await victim.does('fork')
      victim.child.kill()
      await new Promise(resolve => victim.child.process.once('exit', resolve))
      await stage.buries(dsm, board)
    } finally {
      rmSync(place, { recursive: true })
    }
  },
}
