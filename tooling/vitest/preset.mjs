/**
 * The one vitest configuration: forks, because native addons and real process ends are under test.
 * No test runs beside another of the same package: they share /dev/shm and two cores.
 */
import { NotRun } from './not-run.mjs'

export const suite = (overrides = {}) => ({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', new NotRun()],
    ...overrides,
  },
})
