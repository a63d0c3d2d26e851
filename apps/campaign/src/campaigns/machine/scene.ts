/**
 * What a scene of the campaign `machine` is: a machine being nasty in one particular way, played by
 * a stage process and members that are processes of their own. It says what must not be by
 * `stage.check`, and leaves the rest (that nothing is left) to the campaign.
 */
import { spawnSync } from 'node:child_process'
import type { Stage } from './stage.js'

export interface Scene {
  readonly name: string
  /** The command in which the whole stage runs; none: as it is. */
  readonly within?: readonly string[]
  /** What it lacks here: `needs root …`; null: nothing. */
  needs?(): string | null
  play(stage: Stage): Promise<void>
}

/** A PID namespace of one's own, which ends with its first process. */
export const PID_NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']

let namespaces: boolean | null = null

export function needsNamespaces(): string | null {
  namespaces ??= spawnSync(PID_NAMESPACE[0] ?? '', [...PID_NAMESPACE.slice(1), 'true']).status === 0
  return namespaces ? null : 'needs root and unshare(1)'
}
