/** The library warns of what it could not do and left: in a campaign, a problem like an error. */
import { inspect } from 'node:util'
import type { DsmLogger } from '@dsm/core'

export function warningsTo(tell: (problem: string) => void): DsmLogger {
  const quiet = (): void => undefined
  const warn = (message: string, fields: object): void => {
    tell(`the library warned: ${message} ${inspect(fields, { breakLength: Infinity })}`)
  }
  return { debug: quiet, info: quiet, warn, error: warn }
}
