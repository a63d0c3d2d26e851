/**
 * Telling that a committed owner still held something: a bug of whoever took it, reported and
 * repaired. Nothing in here can fail: a bad `describe` or logger must not keep a resource held.
 */
import type { Entry } from './held-resources.js'

/** Where leaks are reported. */
export interface ResourceOwnerLogger {
  /** Called for each resource that was still held at commit. */
  warn(message: string, fields: object): void
}

/** The default: a warning of the process, type ResourceLeakWarning. */
export const processLogger: ResourceOwnerLogger = {
  warn: message => {
    process.emitWarning(message, { type: 'ResourceLeakWarning', code: 'DSM_RESOURCE_LEAK' })
  },
}

export function warnOfLeak(logger: ResourceOwnerLogger, owner: string, entry: Entry): void {
  const { name } = entry.kind
  const resource = describe(entry)
  const message = `${name} ${resource} was still held by resource owner "${owner}" at commit`
  try {
    logger.warn(message, { owner, kind: name, resource })
  } catch {}
}

function describe({ kind, resource }: Entry): string {
  try {
    return kind.describe ? kind.describe(resource as never) : `of type ${typeof resource}`
  } catch {
    return 'without description'
  }
}
