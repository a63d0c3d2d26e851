/** All scenes of the campaign `machine`. */
import type { Scene } from './scene.js'
import { badEnds } from './scenes/bad-ends.js'
import { forkWithoutExec } from './scenes/fork-without-exec.js'
import { fullTmpfs } from './scenes/full-tmpfs.js'
import { loneWorkers } from './scenes/lone-worker.js'
import { removedObjects } from './scenes/removed-objects.js'
import { reusedPid } from './scenes/reused-pid.js'
import { stoppedHolder } from './scenes/stopped-holder.js'
import { takenForDead } from './scenes/taken-for-dead.js'
import { truncatedFile } from './scenes/truncated-file.js'
import { twoNamespaces } from './scenes/two-namespaces.js'
import { zombie } from './scenes/zombie.js'

export const scenes: readonly Scene[] = [
  fullTmpfs,
  zombie,
  reusedPid,
  stoppedHolder,
  forkWithoutExec,
  twoNamespaces,
  ...badEnds,
  ...loneWorkers,
  ...removedObjects,
  truncatedFile,
  takenForDead,
]
