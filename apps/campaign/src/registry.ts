/** All campaigns, in the order in which `--list` shows them. */
import type { Campaign } from './campaign.js'
import { corrupt } from './campaigns/corrupt/corrupt.js'
import { cuts } from './campaigns/cuts/cuts.js'
import { cycles } from './campaigns/cycles.js'
import { doubleKill } from './campaigns/double-kill.js'
import { faults, faultsStrace } from './campaigns/faults/faults.js'
import { killStates } from './campaigns/kill-states.js'
import { machine } from './campaigns/machine/machine-campaign.js'
import { model } from './campaigns/model.js'
import { mutants } from './campaigns/mutants/mutants.js'
import { randomKill } from './campaigns/random-kill.js'
import { soak } from './campaigns/soak/soak.js'
import { underFire } from './campaigns/under-fire/under-fire.js'

export const campaigns: readonly Campaign[] = [
  cycles,
  model,
  killStates,
  doubleKill,
  randomKill,
  cuts,
  faults,
  faultsStrace,
  corrupt,
  machine,
  underFire,
  soak,
  mutants,
]
