/** Where warnings go: the `logger` option of `openDsm`. Never called under a lock. */
export interface ControlLogger {
  debug(message: string, fields: object): void
  info(message: string, fields: object): void
  warn(message: string, fields: object): void
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
