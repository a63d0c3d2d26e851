import { defineConfig } from 'vitest/config'
import { suite } from '../vitest/preset.mjs'

export default defineConfig(
  suite({ globalSetup: './src/global-setup.ts', testTimeout: 240_000, hookTimeout: 240_000 }),
)
