/**
 * `docs/conformance.md`: the table of cases and the list of mutants, as text. Reads and writes
 * nothing.
 */
import { type Case, type Verdict, verdictOf } from './case.js'
import type { Result } from './mutant.js'
import type { Claim } from './titles.js'

const VERDICTS: readonly Verdict[] = ['same', 'differs', 'cannot apply']

export function pageOf(
  cases: readonly Case[],
  claims: readonly Claim[],
  mutants: readonly Result[],
): string {
  const count = (verdict: Verdict): number =>
    cases.filter(each => verdictOf(each) === verdict).length
  const counts = VERDICTS.map(verdict => `${count(verdict)} ${verdict}`).join(', ')
  const caught = mutants.filter(result => result.caught).length
  const guarded = new Set(mutants.filter(result => result.caught).map(result => result.case)).size
  return `# Conformance with PostgreSQL's dsm.c

<!-- Written by tooling/cases (npm run write there); its test fails where this is out of date. -->

What PostgreSQL's dynamic shared memory does, case by case, and the tests of this repository that
show it, or show what dsm does instead and say why. The numbers stand in the tests' titles. Cases
125 to 136 are about layers above dsm.c that dsm does not have.

${cases.length} cases: ${counts}.

| case | PostgreSQL | here | tests |
|---|---|---|---|
${cases.map(each => row(each, claims)).join('\n')}

## Mutants

A test that cannot fail shows nothing. \`npm run mutants\` in \`tooling/cases\` spoils a line that
guards a case, in a copy of the repository, and runs that case's test in the package of the line.
This is what its last run saw: ${caught} of ${mutants.length} caught, in ${guarded} cases.

| case | file | instead of | there was | caught |
|---|---|---|---|---|
${mutants.map(mutantRow).join('\n')}
`
}

function row(each: Case, claims: readonly Claim[]): string {
  const { number, does, differs, never } = each
  const shown = claims
    .filter(({ numbers }) => numbers.includes(number))
    .map(claim => `${claim.package}: ${escaped(claim.sentence)}`)
  const reason = never ?? differs
  const verdict = verdictOf(each)
  const here = reason === undefined ? verdict : `**${verdict}**: ${escaped(reason)}`
  return `| ${number} | ${escaped(does)} | ${here} | ${[...new Set(shown)].join('<br>')} |`
}

function mutantRow(result: Result): string {
  const { case: number, package: name, file, from, to, caught, note } = result
  const place = `${name}/${file.replace(/^src\//, '')}`
  const no = note === undefined ? '**no**' : `**no**: ${escaped(note)}`
  return `| ${number} | ${place} | ${code(from)} | ${code(to)} | ${caught ? 'yes' : no} |`
}

/** One line that no Markdown is in. */
const escaped = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[|<>*_`\\]/g, found => `\\${found}`)
    .trim()

function code(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim().replaceAll('|', '\\|')
  if (line === '') return 'nothing'
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``
}
