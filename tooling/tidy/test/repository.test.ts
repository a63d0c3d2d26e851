/** The rules, held against this repository: one test for each, naming every place it fails. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Repository } from '../src/repository.js'
import { describeViolation } from '../src/rule.js'
import { rules } from '../src/rules.js'

const repository = Repository.read(fileURLToPath(new URL('../../../', import.meta.url)))

test.each(rules)('$title', ({ check }) => {
  expect(check(repository).map(describeViolation)).toEqual([])
})
