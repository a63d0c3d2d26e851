/** All campaigns, in the order in which `--list` shows them. */
import type { Campaign } from './campaign.js'
import { corrupt } from './campaigns/corrupt/corrupt.js'
import { cycles } from './campaigns/cycles.js'
import { faults, faultsStrace } from './campaigns/faults/faults.js'
import { killStores } from './campaigns/kill-stores.js'
import { model } from './campaigns/model.js'
import { randomKill } from './campaigns/random-kill.js'

export const campaigns: readonly Campaign[] = [
  cycles,
  model,
  killStores,
  randomKill,
  corrupt,
  faults,
  faultsStrace,
]
