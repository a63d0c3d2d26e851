import { defineConfig } from 'tsup'

/** What `pnpm bench` runs, one contender in a process of its own, and who is handed things. */
export default defineConfig({
  entry: ['src/main.ts', 'src/contender-child.ts', 'src/receiver-child.ts'],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node20',
})
