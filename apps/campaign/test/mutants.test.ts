/** The list of seeded bugs fits the source that it spoils, and what `npm test` takes from it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { list, QUICK } from '../src/campaigns/mutants/list.js'
import { spoil, wordsOf } from '../src/campaigns/mutants/mutant.js'
import { REPOSITORY } from '../src/campaigns/mutants/workshop.js'
import { campaigns } from '../src/registry.js'

const sourceOf = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

test.each(list)('"$name" has one place in $file, and changes it', mutant => {
  const source = sourceOf(mutant.file)
  expect(spoil(source, mutant)).not.toBe(source)
  expect(campaigns.map(({ name }) => name)).toContain(mutant.campaign)
})

test('a place that is gone, or is there twice, is refused', () => {
  const mutant = { ...list[0]!, from: 'here' }
  expect(() => spoil('nowhere', { ...mutant, from: 'place' })).toThrow('0 times, not once')
  expect(() => spoil('here and here', mutant)).toThrow('2 times, not once')
})

test('there are twenty at least, and their names tell them apart', () => {
  expect(list.length).toBeGreaterThanOrEqual(20)
  expect(new Set(list.map(({ name }) => name)).size).toBe(list.length)
})

test('the quick ones are four, of four campaigns', () => {
  const quick = list.filter(({ name }) => QUICK.includes(name))
  expect(quick.length).toBe(QUICK.length)
  expect(new Set(quick.map(({ campaign }) => campaign)).size).toBe(4)
})

test('a mutant’s campaign is run as somebody would run it by hand', () => {
  const trial = {
    campaign: 'kill-states',
    seconds: 3,
    backend: 'posix',
    operations: ['a b'],
  } as const
  expect(wordsOf(trial, 7)).toEqual(
    ['kill-states --short --seed 7 --for 3 --impl posix --operation', 'a b'].flatMap(
      (part, index) => (index === 0 ? part.split(' ') : [part]),
    ),
  )
})
