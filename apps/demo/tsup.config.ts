import { defineConfig } from 'tsup'

/** Two programs: what `npm start` runs, and the child process that it forks. */
export default defineConfig({
  entry: ['src/main.ts', 'src/member.ts'],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node20',
})
