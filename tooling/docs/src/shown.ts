/**
 * Whether a program printed what its document shows. What differs from run to run is not compared:
 * names of objects, numbers that are shown with four and more digits (pids, handles), times; and a
 * line of `…` stands for any lines. All else is compared to the letter.
 */

const NONCE = /\bdsm\.[a-z2-7]{13}\b/g
const TIME = /\b\d+(?:\.\d+)?(?= ?(?:ms|µs|s)\b)/g
const NUMBER = /(?<!\d|\d\.)\d{4,}(?!\.\d)/g

const steady = (text: string): string =>
  text
    .replaceAll(NONCE, 'dsm.<nonce>')
    .replaceAll(TIME, '<time>')
    .replaceAll(NUMBER, '<number>')
    .trimEnd()

/** The pattern of what a document shows. */
function patternOf(shown: string): RegExp {
  const lines = steady(shown)
    .split('\n')
    .map(line => (line.trim() === '…' ? '(?:.*\n)*?' : `${literal(line)}\n`))
  return new RegExp(`^${lines.join('')}$`)
}

/** A pid is shown with four digits and more, but has fewer on a machine that was just started. */
const literal = (text: string): string =>
  text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('<number>', '(?:<number>|\\d+)')

/** @returns null if it is as shown, else both to be compared */
export function difference(shown: string, printed: string) {
  const wanted = steady(shown)
  const actual = steady(printed)
  return patternOf(shown).test(`${actual}\n`) ? null : { wanted, actual }
}
