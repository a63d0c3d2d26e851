/** Kinds and owners whose releases and warnings are written down, for tests that compare order. */
import { type ReleasePhase, ResourceOwner } from '../src/index.js'

export interface Recorder {
  /** Resources in the order of their release. */
  readonly released: string[]
  readonly warnings: { message: string; fields: object }[]
  kind(phase?: ReleasePhase, priority?: number, release?: (resource: string) => void): Kind
  owner(name: string, parent?: ResourceOwner | null): ResourceOwner
}

type Kind = {
  name: string
  phase: ReleasePhase
  priority: number
  release(resource: string): void
  describe(resource: string): string
}

export function recorder(): Recorder {
  const released: string[] = []
  const warnings: Recorder['warnings'] = []
  const logger = { warn: (message: string, fields: object) => warnings.push({ message, fields }) }
  return {
    released,
    warnings,
    kind: (phase = 'before-locks', priority = 400, release = () => {}) => ({
      name: 'segment',
      phase,
      priority,
      release(resource) {
        release(resource)
        released.push(resource)
      },
      describe: resource => `<${resource}>`,
    }),
    owner: (name, parent = null) => new ResourceOwner(name, parent, { logger }),
  }
}

/** Enlarges and remembers each, in order. */
export function hold(owner: ResourceOwner, kind: Kind, ...resources: string[]): void {
  for (const resource of resources) {
    owner.enlarge()
    owner.remember(resource, kind)
  }
}
