import { defineConfig } from 'tsup'
import { library } from '../../tooling/tsup/preset.mjs'

export default defineConfig({ ...library(['src/index.ts', 'src/main.ts']), format: ['esm'] })
