/**
 * The written record: changesets (what users will be told) and decisions (why it is as it is).
 * How a version number comes about is changesets' business and is tested in versions.test.ts.
 */
import type { Repository } from './repository.js'
import type { Rule, Violation } from './rule.js'

const CONFIG = '.changeset/config.json'
const UNRELEASED = '0.0.0'

function independentVersions(repository: Repository): Violation[] {
  const config = JSON.parse(repository.text(CONFIG) || '{}') as Record<string, unknown>
  return ['fixed', 'linked'].flatMap(mode => {
    const groups = config[mode]
    const none = groups === undefined || (Array.isArray(groups) && groups.length === 0)
    return none ? [] : [{ path: CONFIG, message: `"${mode}" ties versions together` }]
  })
}

function firstRelease(repository: Repository): Violation[] {
  const changesets = repository
    .files(/^\.changeset\/[^/]+\.md$/)
    .filter(path => !path.endsWith('README.md'))
    .map(path => /^---\n([\s\S]*?)\n---/.exec(repository.text(path))?.[1] ?? '')
    .join('\n')
  return repository.packages
    .filter(({ published, manifest }) => published && manifest.version === UNRELEASED)
    .filter(({ id }) => !new RegExp(`^['"]@dsm/${id}['"]: `, 'm').test(changesets))
    .map(({ dir }) => ({ path: dir, message: 'was never released and has no changeset' }))
}

const STATUS_LINE =
  /^Date: \d{4}-\d{2}-\d{2}\. Status: (?:accepted|rejected|superseded by \d{4})\./m
const RECORD = /^docs\/decisions\/(?!README\.md$)/

function decisionRecords(repository: Repository): Violation[] {
  const numbers = new Set<string>()
  return repository.files(RECORD).flatMap(path => {
    const [, number] = /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path) ?? []
    if (number === undefined) return [{ path, message: 'should be named NNNN-title.md' }]
    const text = repository.text(path)
    const found: Violation[] = []
    if (numbers.has(number)) found.push({ path, message: `${number} is taken by another record` })
    numbers.add(number)
    if (!new RegExp(`^# ${number}: \\S`).test(text)) {
      found.push({ path, message: `should begin with "# ${number}: " and a title` })
    }
    if (!STATUS_LINE.test(text)) {
      found.push({ path, message: 'should have a line "Date: YYYY-MM-DD. Status: accepted."' })
    }
    return found
  })
}

export const recordRules: readonly Rule[] = [
  { title: 'each package has a version of its own', check: independentVersions },
  { title: 'every package to be released first has a changeset', check: firstRelease },
  { title: 'decisions are numbered, dated and have a status', check: decisionRecords },
]
