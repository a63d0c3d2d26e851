/**
 * The fenced blocks of the texts that people read: what they are, not what becomes of them.
 * A block says by its first line that it is not run, and why: `// not run: …` or `# not run: …`.
 * The reader sees it too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Block {
  /** From the root of the repository. */
  readonly doc: string
  /** Of its opening fence; the first is 1. */
  readonly line: number
  /** 'js', 'python', 'sh' (commands), 'console' (commands with their output), '' (output, text) */
  readonly language: string
  readonly body: string
  /** Only blank lines stand between it and the block before. */
  readonly adjacent: boolean
  /** Why it is not run; null: it is. */
  readonly notRun: string | null
}

const FENCE = /^( *)(`{3,})([^\n`]*)\n([\s\S]*?)^\1\2 *$/gm
const NOT_RUN = /^(?:\/\/|#) not run: (.+)/

export function blocksIn(doc: string, text: string): Block[] {
  let end = -1
  return [...text.matchAll(FENCE)].map(match => {
    const [whole, indent, , language, indented] = match
    const body = indented!.replaceAll(new RegExp(`^${indent}`, 'gm'), '') // in a list
    const between = end < 0 ? 'the beginning' : text.slice(end, match.index)
    end = match.index + whole.length
    return {
      doc,
      line: text.slice(0, match.index).split('\n').length,
      language: language!.trim(),
      body,
      adjacent: between.trim() === '',
      notRun: NOT_RUN.exec(body)?.[1] ?? null,
    }
  })
}

/** Of the folders in one, and of the folders in those (examples). */
function readmesIn(parent: string, depth = 2): string[] {
  const folders = readdirSync(join(root, parent), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== 'node_modules')
    .map(({ name }) => `${parent}/${name}`)
  return folders.flatMap(folder => {
    const readme = `${folder}/README.md`
    const below = depth > 1 ? readmesIn(folder, depth - 1) : []
    return existsSync(join(root, readme)) ? [readme, ...below] : below
  })
}

/** Decisions are not among them: they tell what was, not what to do. */
export function documents(): string[] {
  const guides = readdirSync(join(root, 'docs/guides')).map(name => `docs/guides/${name}`)
  const readmes = ['packages', 'apps', 'tooling'].flatMap(readmesIn)
  return ['README.md', 'CONTRIBUTING.md', ...readmes, ...guides].sort()
}

export const allBlocks = (): Block[] =>
  documents().flatMap(doc => blocksIn(doc, readFileSync(join(root, doc), 'utf8')))
