/**
 * Evaluates files of src/ with other imports and other globals than theirs, and with slips made in
 * their text: so the code under test is the shipped text, and no flag for tests is in it.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import ts from 'typescript'

/** One seeded bug: the first piece of the text, which must be there, becomes the second. */
export type Slip = readonly [from: string, to: string]

/** Compiled once; each call of the result evaluates the file anew. */
export function compile(
  file: string,
  slips: readonly Slip[] = [],
): <Exports>(imports: Named, globals?: Named) => Exports {
  let source = readFileSync(join(import.meta.dirname, '..', 'src', file), 'utf8')
  for (const [from, to] of slips) {
    if (!source.includes(from)) throw new Error(`${file} has no "${from}" any more`)
    source = source.replace(from, to)
  }
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  return <Exports>(imports: Named, globals: Named = {}) => {
    const exports = {}
    const require = (name: string) => {
      const known = imports[basename(name, '.js')]
      if (known === undefined) throw new Error(`${file} imports ${name}`)
      return known
    }
    const evaluate = new Function('exports', 'require', ...Object.keys(globals), outputText)
    evaluate(exports, require, ...Object.values(globals))
    return exports as Exports
  }
}

type Named = Readonly<Record<string, unknown>>
