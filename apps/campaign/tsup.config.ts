import { defineConfig } from 'tsup'

/** What `pnpm campaign` runs, and the programs that it starts as child processes and threads. */
export default defineConfig({
  entry: [
    'src/main.ts',
    'src/churn-child.ts',
    'src/echo-child.ts',
    'src/kill-child.ts',
    'src/model-child.ts',
    'src/campaigns/corrupt/child.ts',
    'src/campaigns/corrupt/scribbler.ts',
    'src/campaigns/faults/child.ts',
  ],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node20',
})
