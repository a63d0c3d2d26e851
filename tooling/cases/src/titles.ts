/**
 * Which tests say that they show a case: a title of `test` or `describe`, or of a row of its
 * `.each`, that begins with “case 7:”, “cases 1 and 2:” or “cases 11 to 14:”. Read from the source,
 * so that nothing has to be built or run; whether a test passes is its own suite's to say.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface Claim {
  readonly numbers: readonly number[]
  /** As `core`. */
  readonly package: string
  /** From the root of the repository. */
  readonly path: string
  /** Behind the numbers; … for what is computed. */
  readonly sentence: string
}

const CALLS = new Set(['test', 'it', 'describe'])
const TITLE = /^cases? (\d+(?:(?:, | and | to )\d+)*)[:,]\s*(.*)$/s

/** Every claim of every test file below `packages`, in the order of packages and files. */
export function claimsIn(root: string): Claim[] {
  const packages = readdirSync(join(root, 'packages')).sort()
  return packages.flatMap(name =>
    testFiles(root, `packages/${name}/test`).flatMap(path =>
      titlesIn(path, readFileSync(join(root, path), 'utf8')).flatMap(title => {
        const claim = parseTitle(title)
        return claim === null ? [] : [{ ...claim, package: name, path }]
      }),
    ),
  )
}

function testFiles(root: string, folder: string): string[] {
  let names: string[]
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  } catch {
    return [] // a package without tests
  }
  return names
    .filter(name => name.endsWith('.test.ts'))
    .map(name => `${folder}/${name}`)
    .sort()
}

/** null: it claims nothing. */
export function parseTitle(title: string): { numbers: number[]; sentence: string } | null {
  const match = TITLE.exec(title)
  if (match === null) return null
  const [, list = '', sentence = ''] = match
  const numbers = list.split(/, | and /).flatMap(part => {
    const [first = 0, last = first] = part.split(' to ').map(Number)
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  })
  return { numbers, sentence }
}

/** All titles of a file, those of rows instead of a title that begins with them. */
export function titlesIn(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && CALLS.has(runnerOf(node.expression))) {
      const title = textOf(node.arguments[0])
      if (title?.startsWith('%s')) found.push(...rowTitles(file, node.expression))
      else if (title !== null) found.push(title)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** `test` of `test(…)`, `test.each(…)(…)`, `test.skipIf(…)(…)`. */
function runnerOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) {
    return runnerOf(callee.expression)
  }
  return ''
}

/** null: no text. */
function textOf(node: ts.Node | undefined): string | null {
  if (node === undefined) return null
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return null
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
}

/** First texts of the rows of `.each(rows)`, `rows` being there or a constant of the file. */
function rowTitles(file: ts.SourceFile, each: ts.Expression): string[] {
  const rows = ts.isCallExpression(each) ? arrayOf(file, each.arguments[0]) : null
  return (rows?.elements ?? []).flatMap(row => {
    const first = ts.isArrayLiteralExpression(row) ? row.elements[0] : row
    return textOf(first) ?? []
  })
}

function arrayOf(
  file: ts.SourceFile,
  node: ts.Expression | undefined,
): ts.ArrayLiteralExpression | null {
  if (node === undefined || ts.isArrayLiteralExpression(node)) return node ?? null
  if (!ts.isIdentifier(node)) return null
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (name.getText() !== node.text || initializer === undefined) continue
      return ts.isArrayLiteralExpression(initializer) ? initializer : null
    }
  }
  return null
}
