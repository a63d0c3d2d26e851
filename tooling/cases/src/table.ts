/**
 * All cases, in order. PostgreSQL's behaviour was written down case by case from its source and
 * from running servers; 125 to 136 are about layers above dsm.c, which dsm does not have.
 */
import type { Case } from './case.js'
import { attach } from './table/attach.js'
import { create } from './table/create.js'
import { freePages } from './table/free-pages.js'
import { keeping } from './table/keeping.js'
import { mechanisms } from './table/mechanisms.js'
import { startup } from './table/startup.js'

export const cases: readonly Case[] = [
  ...startup,
  ...create,
  ...attach,
  ...keeping,
  ...mechanisms,
  ...freePages,
]
