import { defineConfig } from 'vitest/config'
import { suite } from '../vitest/preset.mjs'

export default defineConfig(suite())
