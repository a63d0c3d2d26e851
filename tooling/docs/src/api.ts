/**
 * The API reference, made by typedoc from the docstrings of what published packages export: one
 * page for each entry that a program can import. What a page says stands in the code, not here.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import {
  Application,
  Logger,
  LogLevel,
  type ProjectReflection,
  ReflectionKind,
  type SignatureReflection,
} from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { root } from './blocks.js'

/** One thing to import: `@dsm/impl/conformance`, say. */
export interface Entry {
  readonly specifier: string
  /** Of its page, without `.md`. */
  readonly page: string
  readonly source: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
}

/** Kinds that need a docstring. A property may be said by its name and type alone. */
const DOCUMENTED = [
  ...(['Variable', 'Function', 'Class', 'Interface'] as const),
  ...(['Method', 'Accessor', 'TypeAlias'] as const),
]

const INTRODUCTION = `# API reference

What every published package exports, from its docstrings: \`npm run docs:api\` makes these pages,
and a test holds them to the code. Programs need \`@dsm/core\`, and one of \`impl-posix\`,
\`impl-sysv\` and \`impl-mmap\`; the others are what these are made of. How things go together
stands in the [guides](../guides/README.md).

`

export function entries(): Entry[] {
  return readdirSync(join(root, 'packages')).flatMap(folder => {
    const path = join(root, 'packages', folder)
    const text = readFileSync(join(path, 'package.json'), 'utf8')
    const { name, private: hidden, exports } = JSON.parse(text) as Manifest
    if (hidden) return []
    return Object.keys(exports ?? {}).flatMap(key => {
      const below = key === '.' ? 'index' : key.slice(2)
      const source = [`src/${below}.ts`, `src/${below}/index.ts`, `${below}.d.ts`]
        .map(file => join(path, file))
        .find(existsSync)
      if (source === undefined) return [] // package.json
      const specifier = key === '.' ? name : `${name}/${below}`
      const page = specifier.replace('@dsm/', '').replaceAll('/', '-')
      return [{ specifier, page, source }]
    })
  })
}

const options = (all: readonly Entry[]) => ({
  entryPoints: all.map(({ source }) => source),
  tsconfig: join(root, 'tooling/docs/tsconfig.api.json'),
  skipErrorChecking: true, // that is the business of `npm run check`
  plugin: ['typedoc-plugin-markdown'],
  name: 'API reference',
  readme: 'none',
  logLevel: LogLevel.Error,
  excludePrivate: true,
  excludeExternals: true, // what Error and Disposable have by themselves
  groupOrder: ['Functions', 'Interfaces', 'Classes', '*'],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  disableSources: true, // line numbers would change with every change
  requiredToBeDocumented: DOCUMENTED,
  packagesRequiringDocumentation: [...new Set(all.map(({ specifier }) => packageOf(specifier)))],
})

const packageOf = (specifier: string): string => specifier.split('/', 2).join('/')

const markdown = (all: readonly Entry[]) =>
  ({
    outputFileStrategy: 'modules',
    entryFileName: 'README',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    pageTitleTemplates: {
      module: ({ name }: { name: string }) =>
        all.find(({ page }) => page === name)?.specifier ?? name,
    },
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    parametersFormat: 'table',
  }) as Partial<PluginOptions>

class Collected extends Logger {
  readonly messages: string[] = []

  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.messages.push(message)
  }
}

export interface ApiReference {
  /** What typedoc warns of: docstrings that are missing, links that lead nowhere. */
  readonly warnings: readonly string[]
  /** By file name. */
  readonly pages: ReadonlyMap<string, string>
}

export async function apiReference(): Promise<ApiReference> {
  const all = entries()
  const application = await Application.bootstrapWithPlugins({ ...options(all), ...markdown(all) })
  const logger = new Collected()
  application.logger = logger
  const project = await application.convert()
  if (project === undefined) throw new Error(logger.messages.join('\n'))
  rename(project, all)
  application.validate(project)
  const out = mkdtempSync(join(tmpdir(), 'dsm-api-'))
  try {
    await application.outputs.writeOutput({ name: 'markdown', path: out }, project)
    const pages = new Map(readdirSync(out).map(file => [file, textOf(join(out, file))]))
    return { warnings: [...logger.messages, ...wordless(project)], pages }
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** typedoc names modules after their files; here they are named after their pages. */
function rename(project: ProjectReflection, all: readonly Entry[]): void {
  const pages = new Map(all.map(({ source, page }) => [moduleOf(source), page]))
  for (const module of project.children ?? []) module.name = pages.get(module.name) ?? module.name
}

const moduleOf = (source: string): string =>
  relative(join(root, 'packages'), source).replace(/(?:\/index)?(?:\.d)?\.ts$/, '')

/** typedoc takes a comment of tags alone for one. What is said to give something may do without. */
function wordless(project: ProjectReflection): string[] {
  const signatures = project.getReflectionsByKind(ReflectionKind.CallSignature)
  return (signatures as SignatureReflection[])
    .filter(({ comment }) => comment?.summary.length === 0 && !comment.getTag('@returns'))
    .map(signature => `${signature.getFullName()} is not said to do anything`)
}

function textOf(file: string): string {
  const text = readFileSync(file, 'utf8')
  return file.endsWith('/README.md') ? text.replace(/^# .*\n+/, INTRODUCTION) : text
}
