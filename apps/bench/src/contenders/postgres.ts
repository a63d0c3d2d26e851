/**
 * PostgreSQL's own code, called in a loop inside a running server by the extension in
 * peers/postgres. One session for each contender; the server is `postgres-server.ts`'s.
 */
import type { Contender } from '../trial.js'
import { LineProgram } from './lines.js'

/** Where the server is, or why there is none: set by whoever started it. */
export const POSTGRES = {
  psql: 'DSM_BENCH_PSQL',
  directory: 'DSM_BENCH_POSTGRES',
  reason: 'DSM_BENCH_NO_POSTGRES',
} as const

/** The user, superuser and owner of the throwaway server. */
export const POSTGRES_USER = 'bench'

const QUIETLY = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1']

/** @param call an expression of SQL whose value is nanoseconds of one repetition */
export const inPostgres = (name: string, call: (count: number) => string): Contender => ({
  name,
  needs: 'postgres',
  open() {
    const { [POSTGRES.psql]: psql, [POSTGRES.directory]: directory } = process.env
    if (psql === undefined || directory === undefined) {
      throw new Error(process.env[POSTGRES.reason] ?? 'no PostgreSQL server was started')
    }
    const where = ['-h', directory, '-U', POSTGRES_USER, '-d', 'postgres']
    const session = new LineProgram(psql, [...QUIETLY, ...where])
    return {
      batch: async count => Number(await session.ask(`select ${call(count)};`)),
      close: () => session.close(),
    }
  },
})
