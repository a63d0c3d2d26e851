import { defineConfig } from 'tsup'
import { library } from '../../tooling/tsup/preset.mjs'

export default defineConfig(
  library({
    index: 'src/index.ts',
    conformance: 'src/conformance/index.ts',
    'conformance-child': 'src/conformance/child.ts',
  }),
)
