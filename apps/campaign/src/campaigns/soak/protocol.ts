/** What the steady process of the campaign `soak` says. */
import type { Holdings } from '../../machine.js'

export type SteadyReport =
  | { readonly kind: 'joined' }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'holdings'; readonly holdings: Holdings }
