import { defineConfig } from 'tsup'

/** What `pnpm campaign` runs, and the programs that it starts as child processes and threads. */
export default defineConfig({
  entry: [
    'src/main.ts',
    'src/churn-child.ts',
    'src/echo-child.ts',
    'src/kill-driver.ts',
    'src/model-child.ts',
  ],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node20',
})
