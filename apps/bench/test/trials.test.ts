/**
 * Every race works, in its tiny form: all contenders that there is something for. What it takes is
 * measured by `pnpm bench` and asserted nowhere. What a contender lacks is said in a line.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtText, without } from '../src/anatomy/copy.js'
import { partsOfAttaching, partsOfCreating } from '../src/anatomy/parts.js'
import { type Equipment, equip } from '../src/equipment.js'
import { run } from '../src/race.js'
import { trials } from '../src/registry.js'
import { contendersOf, type Race, type Trial } from '../src/trial.js'

const cases = trials.flatMap(trial =>
  trial.races
    .filter(race => contendersOf(race, 'tiny').length > 0)
    .map((race): [string, Trial, Race] => [race.name, trial, race]),
)

let equipment: Equipment
beforeAll(async () => {
  const races = cases.map(([, , race]) => race)
  equipment = await equip(races, 'tiny', () => undefined)
})
afterAll(() => equipment.end())

test.each(cases)('%s: every contender does its work', async (_, trial, race) => {
  const { sides } = await run(trial, race, 'tiny')
  const contenders = contendersOf(race, 'tiny')
  expect(sides.map(({ name }) => name)).toEqual(contenders.map(({ name }) => name))
  for (const [index, side] of sides.entries()) {
    if (side.failed === null) {
      expect(side.samples, side.name).toBeGreaterThan(0)
      expect(side.median, side.name).toBeGreaterThan(0)
    } else {
      expect(contenders[index]?.needs, `${side.name}: ${side.failed}`).toBeDefined()
      console.log(`${race.name}: without ${side.name}: ${side.failed}`)
    }
  }
})

test.each([...partsOfCreating, ...partsOfAttaching])('without $name', part => {
  for (const name of new Set(part.functions.map(({ of }) => of))) {
    const text = builtText(name)
    expect(without(text, name, part)).not.toBe(text)
  }
})

test('names are unique, and every comparison is of contenders that there are', () => {
  const races = cases.map(([name]) => name)
  expect(new Set(races).size).toBe(races.length)
  for (const [name, , { contenders, comparisons }] of cases) {
    const names = contenders.map(contender => contender.name)
    expect(new Set(names).size, name).toBe(names.length)
    for (const { ours, theirs } of comparisons) {
      expect(names, name).toContain(ours)
      expect(names, name).toContain(theirs)
    }
  }
})
