/**
 * Adds up what a dozen test runners report one after another, from their closing lines.
 * It judges nothing; a runner that says nothing counts nothing.
 */
import { stripVTControlCharacters } from 'node:util'

export class Totals {
  passed = 0
  failed = 0
  skipped = 0
  /** Lines in which a test says that it was not run, and for want of what. */
  notRun = []
  #partial = ''

  /** @param {Buffer} chunk of a runner's output */
  add(chunk) {
    const lines = (this.#partial + chunk).split('\n')
    this.#partial = lines.pop()
    for (const line of lines) this.#line(stripVTControlCharacters(line))
  }

  #line(line) {
    const notRun = /\bnot run: .*/.exec(line)
    if (notRun !== null) this.notRun.push(notRun[0])
    if (!/\bTests\s+\d/.test(line)) return
    for (const [, count, kind] of line.matchAll(/(\d+) (passed|failed|skipped)/g)) {
      this[kind] += Number(count)
    }
  }
}
