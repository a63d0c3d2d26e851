import { defineConfig } from 'tsup'
import { library } from '../../tooling/tsup/preset.mjs'

export default defineConfig(
  library({ index: 'src/index.ts', opentelemetry: 'src/opentelemetry.ts' }),
)
