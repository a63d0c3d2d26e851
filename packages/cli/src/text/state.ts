/** The state of a group or of one life, in a word and a colour. */
import type { LifeState } from '@dsm/control'
import type { Colors } from '../console.js'
import type { GroupReport, LifeReport } from '../report.js'

export function stateText(
  colors: Colors,
  state: GroupReport['state'],
  life: LifeReport | null,
): string {
  if (life?.content?.poisoned) return colors.red('damaged')
  if (state === 'live' && life?.content?.shutDown) return colors.yellow('shut down')
  return painter(colors, state)(state)
}

function painter(colors: Colors, state: GroupReport['state']): (text: string) => string {
  const painters: Record<LifeState | 'empty' | 'unreadable', (text: string) => string> = {
    live: colors.green,
    asleep: colors.blue,
    busy: colors.yellow,
    dead: colors.red,
    empty: colors.red,
    unreadable: colors.red,
  }
  return painters[state]
}
