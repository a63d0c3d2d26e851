/** The groups that contenders use: told apart by process, so that two runs never meet. */
import { type Dsm, type DsmOptions, openDsm } from '@dsm/core'

export const groupName = (): string => `bench-${process.pid}`

/** This process's group, made. */
export const makeGroup = (impl: string, options: Partial<DsmOptions> = {}): Dsm =>
  openDsm({ name: groupName(), impl, ...options })

/** This process's group, joined as one more member. */
export const joinGroup = (name: string = groupName()): Dsm => openDsm({ name })
