/** Where warnings go: the `logger` option of `openDsm`. Never called under a lock. */
export interface ControlLogger {
  /** Of no concern to most: a sweep that could not be done now. */
  debug(message: string, fields: object): void
  /** Worth knowing, and nothing to do about. */
  info(message: string, fields: object): void
  /** Something was not as it should be, and was dealt with. */
  warn(message: string, fields: object): void
  /** Something could not be dealt with, and stays. */
  error(message: string, fields: object): void
}

/** Warnings and errors become process warnings; the rest is dropped. */
export const processLogger: ControlLogger = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => emit(message, fields),
  error: (message, fields) => emit(message, fields),
}

function emit(message: string, fields: object): void {
  const text = Object.entries(fields)
    .map(([key, value]) => `${key} ${value instanceof Error ? value.message : String(value)}`)
    .join(', ')
  process.emitWarning(text === '' ? message : `${message} (${text})`, 'DsmWarning')
}
