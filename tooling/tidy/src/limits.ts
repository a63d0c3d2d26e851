/**
 * Sizes: of files, functions and lines. A limit is where a reader has to be thought of; what is
 * longer is divided, not excused. Text of people (Markdown) and of tools (the lock file) has none.
 */
import ts from 'typescript'
import type { Repository } from './repository.js'
import { type Rule, SCRIPT, SOURCE, type Violation } from './rule.js'

const SCRIPT_LINES_MAX = 350
const HEADER_LINES_MAX = 250
const FUNCTION_LINES_MAX = 70
const COLUMNS_MAX = 100
const TITLE_COLUMNS_MAX = 120

function fileLengths(repository: Repository): Violation[] {
  return repository.files(SOURCE).flatMap(path => {
    const max = SCRIPT.test(path) ? SCRIPT_LINES_MAX : HEADER_LINES_MAX
    const { length } = repository.lines(path)
    return length <= max ? [] : [{ path, message: `has ${length} lines; at most ${max}` }]
  })
}

function lineLengths(repository: Repository): Violation[] {
  return repository.files(SOURCE).flatMap(path =>
    repository.lines(path).flatMap((text, index) => {
      const { length } = [...text]
      const message = `has ${length} columns; at most ${COLUMNS_MAX}`
      const excused = isOnePath(text) || isTitle(text)
      return length <= COLUMNS_MAX || excused ? [] : [{ path, line: index + 1, message }]
    }),
  )
}

/** An address cannot be broken. */
const isOnePath = (text: string): boolean => /https?:\/\/\S{60,}/.test(text)

/** A test's name is a sentence, and formatters leave it on the line of its call. */
const isTitle = (text: string): boolean =>
  /^\s*(test|describe)[\w.]*\(['"`]/.test(text) && text.length <= TITLE_COLUMNS_MAX

function functionLengths(repository: Repository): Violation[] {
  return repository.files(SCRIPT).flatMap(path => {
    const text = repository.text(path)
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
    const found: Violation[] = []
    const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && !isGroupOfTests(node)) {
        const first = lineAt(node.getStart())
        const length = lineAt(node.getEnd()) - first + 1
        const message = `is a function of ${length} lines; at most ${FUNCTION_LINES_MAX}`
        if (length > FUNCTION_LINES_MAX) found.push({ path, line: first + 1, message })
      }
      ts.forEachChild(node, visit)
    }
    visit(file)
    return found
  })
}

/** `describe('…', () => { … })` is a heading, not a function. */
function isGroupOfTests(node: ts.Node): boolean {
  const call = node.parent
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText())
}

export const limitRules: readonly Rule[] = [
  { title: 'no script has over 350 lines, no C++ file over 250', check: fileLengths },
  { title: 'no function has over 70 lines', check: functionLengths },
  { title: 'no line of code has over 100 columns', check: lineLengths },
]
