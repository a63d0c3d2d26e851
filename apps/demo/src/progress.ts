/**
 * Showing how far the members are: a bar on a terminal, a line for each quarter elsewhere.
 */
import cliProgress from 'cli-progress'
import { mebibytes } from './units.js'

export interface Progress {
  update(doneBytes: number): void
  stop(): void
}

/** Where it goes: standard output, or something like it. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

const STEPS = 4

export function showProgress(title: string, totalBytes: number, output: Output): Progress {
  return output.isTTY === true
    ? bar(title, totalBytes, output)
    : lines(title, totalBytes, text => output.write(`${text}\n`))
}

function bar(title: string, totalBytes: number, stream: Output): Progress {
  const shown = new cliProgress.SingleBar(
    {
      stream,
      format: `${title.padEnd(5)} {bar} {percentage} % of ${mebibytes(totalBytes)}`,
      barsize: 40,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  )
  shown.start(totalBytes, 0)
  return {
    update: doneBytes => shown.update(Math.min(doneBytes, totalBytes)),
    stop: () => shown.stop(),
  }
}

function lines(title: string, totalBytes: number, print: (text: string) => void): Progress {
  let printed = 0
  return {
    update(doneBytes) {
      const step = Math.min(STEPS, Math.floor((doneBytes / totalBytes) * STEPS))
      if (step <= printed) return
      printed = step
      print(`${title.padEnd(5)} ${(100 / STEPS) * step} % of ${mebibytes(totalBytes)}`)
    },
    stop() {},
  }
}
