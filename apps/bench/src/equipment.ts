/** What races need besides the workspace: made ready before the first, taken down at the end. */
import { POSTGRES } from './contenders/postgres.js'
import { installPeers } from './peers.js'
import { type PostgresServer, startPostgres } from './postgres-server.js'
import { contendersOf, type Need, type Race, type Scale } from './trial.js'

const IN_PEERS: readonly Need[] = ['shm-typed-array', '@riaskov/mmap-io', 'lmdb']

export interface Equipment {
  readonly postgres: PostgresServer | null
  end(): Promise<void>
}

/** The tiny form installs nothing: it takes what there is. */
export async function equip(
  races: readonly Race[],
  scale: Scale,
  say: (line: string) => void,
): Promise<Equipment> {
  const needs = new Set(
    races.flatMap(race => contendersOf(race, scale).flatMap(({ needs }) => needs ?? [])),
  )
  if (scale !== 'tiny' && IN_PEERS.some(need => needs.has(need))) installPeers(say)
  const postgres = needs.has('postgres') ? await startPostgres() : null
  const reason = process.env[POSTGRES.reason]
  if (reason !== undefined) say(`left out: ${reason}`)
  return { postgres, end: async () => postgres?.end() }
}
