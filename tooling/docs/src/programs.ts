/**
 * From blocks to programs: which files a document shows, which of them are started, and what they
 * are shown to print.
 * A `js` or `python` block holds one file or several; each begins with a comment that names it, as
 * `// parent.mjs`, and a block without a name is a file of its own. The files of a document are
 * together in one directory. Started is the first file of each block, unless another file of the
 * document names it (it is a child then), or a `console` block says how. The block without a
 * language that follows directly is the output.
 */
import type { Block } from './blocks.js'

export interface Program {
  readonly doc: string
  readonly line: number
  /** Of the whole document, by name. */
  readonly files: ReadonlyMap<string, string>
  readonly command: readonly string[]
  /** null: none is shown. */
  readonly output: string | null
}

interface File {
  readonly name: string
  readonly text: string
}

const SUFFIX: Readonly<Record<string, string>> = { js: 'mjs', python: 'py' }
const NAMED = /^(?:\/\/|#) ([\w.-]+\.(?:mjs|cjs|js|py))\b/

function filesOf({ language, line, body }: Block): File[] {
  const files: { name: string; lines: string[] }[] = []
  for (const text of body.split('\n')) {
    const name = NAMED.exec(text)?.[1]
    if (name !== undefined) files.push({ name, lines: [] })
    if (files.length === 0) files.push({ name: `line-${line}.${SUFFIX[language]}`, lines: [] })
    files.at(-1)!.lines.push(text)
  }
  return files.map(({ name, lines }) => ({ name, text: lines.join('\n') }))
}

const isProgram = (block: Block): boolean =>
  Object.hasOwn(SUFFIX, block.language) && block.notRun === null

/** @param blocks of one document, in their order */
export function programsIn(blocks: readonly Block[]): Program[] {
  const all = blocks.filter(isProgram).flatMap(filesOf)
  const files = new Map(all.map(({ name, text }) => [name, text]))
  const commands = blocks.filter(block => block.language === 'console' && block.notRun === null)
  const isStarted = ({ name }: File): boolean =>
    !all.some(other => other.name !== name && other.text.includes(name)) &&
    !commands.some(({ body }) => body.includes(` ${name}`))
  const programs = blocks.flatMap((block, index): Program[] => {
    const first = isProgram(block) ? filesOf(block)[0] : undefined
    if (first === undefined || !isStarted(first)) return []
    const command = [block.language === 'js' ? 'node' : 'python3', first.name]
    const { doc, line } = block
    return [{ doc, line, files, command, output: outputAfter(blocks, index) }]
  })
  return [...programs, ...commands.flatMap(block => inConsole(block, files))]
}

/** Blocks of children may stand in between. */
function outputAfter(blocks: readonly Block[], index: number): string | null {
  const rest = blocks.slice(index + 1)
  const next = rest.findIndex(block => !block.adjacent || !isProgram(block))
  const block = rest[next]
  return block?.adjacent && block.language === '' ? block.body : null
}

/** `$ command`, then its output; several after each other. */
function inConsole({ doc, line, body }: Block, files: ReadonlyMap<string, string>): Program[] {
  return [...body.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command, output]) => ({
    doc,
    line,
    files,
    command: command!.split(' '),
    output: output!,
  }))
}
