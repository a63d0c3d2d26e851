import { defineConfig } from 'tsup'

/** What `pnpm bench` runs, one contender in a process of its own, and whom contenders need. */
export default defineConfig({
  entry: [
    'src/main.ts',
    'src/contender-child.ts',
    'src/role-child.ts',
    'src/receiver-child.ts',
    'src/socket-child.ts',
    'src/receiver-worker.ts',
  ],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node20',
})
