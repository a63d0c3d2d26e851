/** All campaigns, in the order in which `--list` shows them. */
import type { Campaign } from './campaign.js'
import { cuts } from './campaigns/cuts/cuts.js'
import { cycles } from './campaigns/cycles.js'
import { killStores } from './campaigns/kill-stores.js'
import { machine } from './campaigns/machine/machine-campaign.js'
import { model } from './campaigns/model.js'
import { randomKill } from './campaigns/random-kill.js'

export const campaigns: readonly Campaign[] = [cycles, model, killStores, randomKill, cuts, machine]
