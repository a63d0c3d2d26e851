/**
 * What stands in files and what must not: an opening comment, no notes to oneself, no test that is
 * left alone or out without a reason, no place of one machine, no host of packages, one title.
 */
import ts from 'typescript'
import type { Repository } from './repository.js'
import { matchingLines, type Rule, SCRIPT, SOURCE, type Violation } from './rule.js'

/** Everything that people write, except what tools keep. */
const WRITTEN = /^(?!.*(?:pnpm-lock\.yaml|CHANGELOG\.md)$)/
const DECLARATIONS = /\.d\.[cm]?ts$/
const CONFIGURATION = /\.config\.[cm]?[jt]s$/

function openingComments(repository: Repository): Violation[] {
  return repository
    .files(SOURCE)
    .concat(repository.files(/^\.ci\/run$/))
    .filter(path => !DECLARATIONS.test(path) && !CONFIGURATION.test(path))
    .filter(path => !/^(?:#![^\n]*\n)?\s*(?:\/\*|\/\/|# )/.test(repository.text(path)))
    .map(path => ({ path, line: 1, message: 'should open with what it is, is not, and why' }))
}

function noNotes(repository: Repository): Violation[] {
  const notes = new RegExp(`\\b(?:${['TO', 'DO'].join('')}|FIX${'ME'}|X${'XX'})\\b`)
  return repository
    .files(WRITTEN)
    .flatMap(path => matchingLines(repository, path, notes, word => `has a note: ${word}`))
}

function noGrabBags(repository: Repository): Violation[] {
  return repository
    .files(/(?:^|[/._-])utils?(?:[/._-]|$)/i)
    .map(path => ({ path, message: 'a file is named after the one concept in it' }))
}

function noMachines(repository: Repository): Violation[] {
  const place = new RegExp(`(?<![\\w.])/${'(?:work|root|home/[a-z]+|Users/[A-Za-z]+)'}(?=/)`)
  return repository
    .files(WRITTEN)
    .flatMap(path => matchingLines(repository, path, place, found => `names a machine's ${found}`))
}

function noHosts(repository: Repository): Violation[] {
  const host = new RegExp(`\\b(?:registry\\.[a-z]+\\.[a-z]+|npm${'mirror'}\\.com|pypi\\.org)\\b`)
  const url = /^\s*(?:tarball|resolved)\b.*https?:/
  return repository
    .files(/./)
    .flatMap(path => [
      ...matchingLines(repository, path, host, found => `names a host of packages: ${found}`),
      ...(path === 'pnpm-lock.yaml'
        ? matchingLines(repository, path, url, () => 'names where a package came from')
        : []),
    ])
}

const RUNNERS = new Set(['test', 'it', 'describe', 'suite', 'bench'])

/** Calls of `x.only(` and `x.skip(` in tests, with the call itself. */
function runnerCalls(repository: Repository, path: string): [string, ts.CallExpression][] {
  const text = repository.text(path)
  if (!/\.(?:only|skip|todo)\b/.test(text)) return []
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const found: [string, ts.CallExpression][] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      found.push([node.expression.name.text, node])
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function testsAlone(repository: Repository): Violation[] {
  return testCalls(repository, (name, call) => {
    const runner = (call.expression as ts.PropertyAccessExpression).expression.getText()
    const alone = name === 'only' || name === 'todo'
    const left = alone && RUNNERS.has(runner.split('.')[0]!)
    return left ? `${runner}.${name} is for one machine and one day` : ''
  })
}

/** `test.skip('what — why', …)`, or `context.skip('why')` within a test. */
function skipsWithReason(repository: Repository): Violation[] {
  return testCalls(repository, (name, call) => {
    if (name !== 'skip') return ''
    const runner = (call.expression as ts.PropertyAccessExpression).expression.getText()
    const named = RUNNERS.has(runner.split('.')[0]!)
    const text = named ? call.arguments[0]?.getText() : call.arguments.at(-1)?.getText()
    const reason = named
      ? / — \S|\(skipped: /.test(text ?? '')
      : /['"`]|reason|why/i.test(text ?? '')
    return reason ? '' : 'is skipped and does not say why ("what — why")'
  })
}

function testCalls(
  repository: Repository,
  judge: (name: string, call: ts.CallExpression) => string,
): Violation[] {
  const tests = repository.files(SCRIPT).filter(path => /\/(?:test|conformance)\//.test(path))
  return tests.flatMap(path =>
    runnerCalls(repository, path).flatMap(([name, call]) => {
      const message = judge(name, call)
      const { line } = call.getSourceFile().getLineAndCharacterOfPosition(call.getStart())
      return message === '' ? [] : [{ path, line: line + 1, message }]
    }),
  )
}

const CHANGES = /(?:^\.changeset\/|(?:^|\/)CHANGELOG\.md$)/

function oneTitle(repository: Repository): Violation[] {
  const texts = repository.files(/\.md$/).filter(path => !CHANGES.test(path))
  return texts.flatMap(path => {
    const prose = repository.text(path).replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')
    const titles = prose.match(/^# \S/gm)?.length ?? 0
    if (titles === 1 && /^# \S/.test(prose)) return []
    const message = titles === 1 ? 'should begin with its title' : `has ${titles} titles`
    return [{ path, message }]
  })
}

export const textRules: readonly Rule[] = [
  { title: 'every source file opens with a comment', check: openingComments },
  { title: 'nobody left a note to do something', check: noNotes },
  { title: 'no file is a grab bag', check: noGrabBags },
  { title: 'no file names a place on one machine', check: noMachines },
  { title: 'no file names a host of packages', check: noHosts },
  { title: 'no test runs alone', check: testsAlone },
  { title: 'a skipped test says why', check: skipsWithReason },
  { title: 'a text has exactly one title, first', check: oneTitle },
]
