import { defineConfig } from 'vitest/config'
import { suite } from '../../tooling/vitest/preset.mjs'

export default defineConfig(suite())
