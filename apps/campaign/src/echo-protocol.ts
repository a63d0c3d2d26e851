/** What the campaign `cycles` and its other process say to each other. */

export interface EchoOptions {
  readonly group: string
  readonly canary: string | null
}

export type EchoRequest =
  | { readonly kind: 'attach'; readonly handle: number }
  | { readonly kind: 'measure' }
  | { readonly kind: 'leave' }

export interface EchoReply {
  readonly problem: string | null
}

/** What the other process stores in the first byte. */
export const ANSWER = 0xa5
