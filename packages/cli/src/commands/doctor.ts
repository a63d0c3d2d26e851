/** `dsm doctor`: what of this machine will bite, and how to mend it. It changes nothing. */
import type { Console } from '../console.js'
import type { Finding } from '../doctor/finding.js'
import { checkGroups, nameOfUser } from '../doctor/groups.js'
import { checkRemoveIpc } from '../doctor/logind.js'
import { checkContainer, checkProcessLimits, checkShm, checkSystemV } from '../doctor/memory.js'
import { checkLocks, checkMechanisms, checkNode, checkPlatform } from '../doctor/runtime.js'
import { type System, thisSystem } from '../doctor/system.js'
import { jsonText } from '../report.js'
import { plural } from '../text/format.js'
import { wrap } from '../text/wrap.js'

/** What `dsm doctor --json` prints. */
export interface DoctorReport {
  readonly version: number
  readonly findings: readonly Finding[]
}

export async function doctor(
  out: Console,
  options: { json?: boolean },
  system: System = thisSystem,
): Promise<number> {
  const findings = [
    checkNode(),
    checkPlatform(),
    ...checkMechanisms(),
    ...(await checkLocks(system)),
    ...checkShm(system),
    checkContainer(system),
    checkRemoveIpc(system, nameOfUser()),
    ...checkSystemV(system),
    ...checkProcessLimits(system),
    ...checkGroups(system),
  ]
  const wrong = findings.filter(({ level }) => level === 'warning' || level === 'error')
  if (options.json) out.write(jsonText({ findings }))
  else out.write(text(out, findings, wrong.length))
  return wrong.length > 0 ? 1 : 0
}

const MARKS: Record<Finding['level'], string> = { ok: '✓', note: 'i', warning: '!', error: '✗' }
const INDENT = '  '
const WIDTH_MAX = 100

function text(out: Console, findings: readonly Finding[], wrong: number): string {
  const { colors } = out
  const paint = { ok: colors.green, note: colors.blue, warning: colors.yellow, error: colors.red }
  const width = Math.min(out.columns, WIDTH_MAX) - INDENT.length
  const paragraph = (words: string): string[] => wrap(words.split(' '), width, ' ')
  const lines = findings.flatMap(({ level, says, mend }) => {
    const [first, ...rest] = paragraph(says)
    const advice = mend === null ? [] : paragraph(mend).map(line => colors.dim(line))
    return [
      `${paint[level](MARKS[level])} ${first}`,
      ...[...rest, ...advice].map(line => INDENT + line),
    ]
  })
  const end = wrong === 0 ? 'Nothing here will bite.' : `${plural(wrong, 'thing')} to mend.`
  return `${lines.join('\n')}\n\n${end}\n`
}
