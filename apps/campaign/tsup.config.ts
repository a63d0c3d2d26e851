import { defineConfig } from 'tsup'

/** What `pnpm campaign` runs, and the programs that it starts as child processes and threads. */
export default defineConfig({
  entry: [
    'src/main.ts',
    'src/churn-child.ts',
    'src/echo-child.ts',
    'src/kill-driver.ts',
    'src/model-child.ts',
    'src/campaigns/cuts/cut-child.ts',
    'src/campaigns/cuts/cut-thread.ts',
    'src/campaigns/machine/member-child.ts',
    'src/campaigns/machine/stage-child.ts',
    'src/campaigns/corrupt/child.ts',
    'src/campaigns/corrupt/scribbler.ts',
    'src/campaigns/faults/child.ts',
    'src/campaigns/soak/steady-child.ts',
    'src/campaigns/under-fire/worker.ts',
    'src/campaigns/under-fire/gunner.ts',
  ],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node20',
})
