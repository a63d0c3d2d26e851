/**
 * `dsm top`: what goes on in the groups, drawn again and again in place. Rates are differences of
 * the groups' own counters between two looks. Where the output is no terminal it is one look.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Console } from '../console.js'
import { type Found, findAll } from '../groups.js'
import { groupReport, isWrong, jsonText } from '../report.js'
import { frame } from '../top/frame.js'
import { History } from '../top/history.js'

export interface TopOptions {
  readonly json?: boolean
  readonly once?: boolean
  /** seconds */
  readonly interval: number
}

/** Another screen, no cursor, and no line goes on in the next one. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const TO_END_OF_LINE = '\x1b[K'
const TO_END_OF_SCREEN = '\x1b[J'

export async function top(
  out: Console,
  groups: readonly string[],
  options: TopOptions,
): Promise<number> {
  if (!options.json && !options.once && out.terminal) return await live(out, groups, options)
  const found = findAll(groups)
  const reports = found.map(groupReport)
  if (options.json) out.write(jsonText({ groups: reports }))
  else {
    const history = new History()
    history.add(found, Date.now())
    out.write(`${frame(out, found, history).join('\n')}\n`)
  }
  return reports.some(isWrong) ? 1 : 0
}

/** Ends by q, Ctrl-C or a signal; the screen is given back as it was. */
async function live(
  out: Console,
  groups: readonly string[],
  { interval }: TopOptions,
): Promise<number> {
  const stop = new AbortController()
  const keys = listen(stop)
  const history = new History()
  let last: Found[] = []
  out.write(ENTER)
  try {
    while (!stop.signal.aborted) {
      last = findAll(groups)
      history.add(last, Date.now())
      draw(out, frame(out, last, history))
      await sleep(interval * 1000, undefined, { signal: stop.signal }).catch(() => {})
    }
  } finally {
    out.write(LEAVE)
    keys.end()
  }
  return last.map(groupReport).some(isWrong) ? 1 : 0
}

/** Over the last one, without clearing it first: nothing flickers. */
function draw(out: Console, lines: readonly string[]): void {
  const shown = lines.slice(0, out.rows)
  const text = shown.map(line => line + TO_END_OF_LINE).join('\r\n')
  out.write(`${HOME}${text}${TO_END_OF_SCREEN}`)
}

function listen(stop: AbortController): { end(): void } {
  const { stdin } = process
  const onKey = (key: Buffer): void => {
    if (['q', 'Q', '\x03', '\x1b'].includes(key.toString())) stop.abort()
  }
  const onSignal = (): void => stop.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  if (stdin.isTTY) {
    stdin.setRawMode(true)
    stdin.on('data', onKey)
  }
  return {
    end() {
      for (const signal of signals) process.off(signal, onSignal)
      if (!stdin.isTTY) return
      stdin.off('data', onKey)
      stdin.setRawMode(false)
      stdin.pause()
    },
  }
}
