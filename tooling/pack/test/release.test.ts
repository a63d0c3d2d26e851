/**
 * A release of one package that changed: which versions move, what is published, and what a user
 * then gets. By the commands of the release workflow, in a clone, to a registry on this machine.
 * What other changes move is in tooling/tidy.
 */
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { Clone } from '../src/clone.js'

const clone = Clone.at(join(inject('place'), 'clone'), inject('releaseEnvironment'))

async function publishedSince(start: number): Promise<string[]> {
  const all = await (await fetch(`${inject('registry')}-/published`)).json()
  return (all as string[]).slice(start)
}

test('a minor of one package moves no other version, and is published alone', async () => {
  const before = clone.versions()
  expect([...new Set(before.values())]).toEqual(['1.0.0'])
  clone.addChangeset('one', '---\n"@dsm/freepage": minor\n---\n\nFound more pages.\n')
  await clone.commit('freepage: find more pages')
  await clone.version()
  const moved = [...clone.versions()].filter(([id, version]) => before.get(id) !== version)
  expect(moved).toEqual([['freepage', '1.1.0']])
  const count = (await publishedSince(0)).length
  await clone.publish()
  expect(await publishedSince(count)).toEqual(['@dsm/freepage@1.1.0'])
  expect(await clone.tags()).toEqual(['@dsm/freepage@1.1.0'])
})
