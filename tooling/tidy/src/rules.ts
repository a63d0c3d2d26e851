/** All rules, in the order in which they are reported. */
import { layerRules } from './layers.js'
import { limitRules } from './limits.js'
import { manifestRules } from './manifests.js'
import { recordRules } from './records.js'
import type { Rule } from './rule.js'
import { textRules } from './texts.js'

export const rules: readonly Rule[] = [
  ...layerRules,
  ...manifestRules,
  ...limitRules,
  ...textRules,
  ...recordRules,
]
