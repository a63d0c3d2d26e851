/**
 * Public entry of @dsm/resowner. An ESM and a CommonJS copy may be loaded side by side; whoever
 * comes first puts its class where the other finds it, so that there is one tree and one current
 * owner in a process.
 */
import { ResourceOwner as OwnResourceOwner } from './resource-owner.js'

const KEY = Symbol.for('@dsm/resowner.v1')
const shared = globalThis as { [KEY]?: { readonly ResourceOwner: typeof OwnResourceOwner } }
shared[KEY] ??= Object.freeze({ ResourceOwner: OwnResourceOwner })

/**
 * A node of a tree that remembers what must be given back when a piece of work ends, well or badly.
 * @class
 */
export const ResourceOwner: typeof OwnResourceOwner = shared[KEY].ResourceOwner
/** @hidden the instance of the class above */
export type ResourceOwner = OwnResourceOwner

export type { ResourceOwnerLogger } from './leak-warning.js'
export type { ReleaseOptions, ResourceOwnerOptions } from './owner-options.js'
export { RELEASE_PHASES, type ReleasePhase, type ResourceKind } from './resource-kind.js'
