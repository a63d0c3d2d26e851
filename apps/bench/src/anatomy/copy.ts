/**
 * A copy of the built packages that an operation in the main region runs through, with parts of it
 * left out. For measuring only: what a copy leaves out is there for a reason, and a group opened by
 * it is a throwaway. Packages that nothing is left out of are the workspace's own.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageDirectory } from '../programs.js'
import type { Part } from './parts.js'

const PACKAGES = join(packageDirectory, '..', '..', 'packages')
const COPIED = ['control', 'core', 'lwlock'] as const
const LINKED = ['freepage', 'impl', 'impl-posix', 'native', 'resowner']
/** What a package needs of itself to be loaded. */
const LOADED = ['package.json', 'dist', 'build', 'prebuilds']

export type Core = typeof import('@dsm/core')

export const builtText = (name: string): string =>
  readFileSync(join(PACKAGES, name, 'dist', 'index.js'), 'utf8')

/** The functions that a part consists of, with other bodies. @throws if one is not there once */
export function without(text: string, name: string, part: Part): string {
  return part.functions.reduce(
    (rest, { of, signature, body }) => (of === name ? replaceBody(rest, signature, body) : rest),
    text,
  )
}

function replaceBody(text: string, signature: string, body: string): string {
  const line = `\n${signature} {\n`
  const at = text.indexOf(line)
  if (at < 0 || text.includes(line, at + 1)) throw new Error(`"${signature}" is not there once`)
  const indent = /^\s*/.exec(signature)?.[0] ?? ''
  const end = text.indexOf(`\n${indent}}`, at + line.length)
  return `${text.slice(0, at + line.length)}${body}${text.slice(end)}`
}

export class Copy {
  readonly #place: string

  constructor(part: Part) {
    const build = join(packageDirectory, 'build')
    mkdirSync(build, { recursive: true })
    this.#place = mkdtempSync(join(build, 'anatomy-'))
    const modules = join(this.#place, 'node_modules')
    mkdirSync(join(modules, '@dsm'), { recursive: true })
    for (const name of LINKED) symlinkSync(join(PACKAGES, name), join(modules, '@dsm', name))
    const addons = 'node-gyp-build'
    symlinkSync(join(PACKAGES, 'lwlock', 'node_modules', addons), join(modules, addons))
    for (const name of COPIED) this.#copy(name, join(modules, '@dsm', name), part)
  }

  load(): Promise<Core> {
    const index = join(this.#place, 'node_modules', '@dsm', 'core', 'dist', 'index.js')
    return import(pathToFileURL(index).href) as Promise<Core>
  }

  remove(): void {
    rmSync(this.#place, { recursive: true })
  }

  #copy(name: string, to: string, part: Part): void {
    const from = join(PACKAGES, name)
    const loaded = (path: string): boolean =>
      path === from || LOADED.some(each => path.startsWith(join(from, each)))
    cpSync(from, to, { recursive: true, filter: path => loaded(path) })
    writeFileSync(join(to, 'dist', 'index.js'), without(builtText(name), name, part))
  }
}
