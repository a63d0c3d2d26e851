/** What the campaign `corrupt` and its children tell each other. Nothing runs here. */
import type { OwnNames } from './stage.js'

export interface CorruptOptions {
  readonly seed: number
  /** Images to read; 0: as long as `seconds`. */
  readonly images: number
  readonly seconds: number
  readonly backends: readonly OwnNames[]
  readonly canary: string | null
  /** A directory of this run's own. */
  readonly dir: string
  /** Where the image under way stands, for whoever finds the child hung or dead. */
  readonly progress: string
  /** The addons have to be sanitized ones. */
  readonly sanitized: boolean
  /** Another process changes what is being read. */
  readonly concurrent: boolean
}

export interface CorruptResult {
  readonly images: number
  readonly byReader: Readonly<Record<string, number>>
  readonly problems: readonly string[]
}

export interface ScribblerOptions {
  readonly seed: number
  readonly backend: OwnNames
  readonly dir: string
  readonly nonce: string
  readonly handle: number
  readonly size: number
  readonly geometry: object
}
