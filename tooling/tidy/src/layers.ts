/**
 * Who may import whom: the table of architecture, "Packages, and who may import whom". It is held
 * against the manifests and against what the files really import, both: a manifest alone can allow
 * what nobody uses, an import alone can work by the luck of hoisting.
 * Imports go to a package's public entries; no path into another package is one.
 */
import { posix } from 'node:path'
import ts from 'typescript'
import type { Manifest, Package, Repository } from './repository.js'
import { type Rule, SCRIPT, type Violation } from './rule.js'

interface Layer {
  /** What its source may import. */
  readonly imports: readonly string[]
  /** What it may load at run time if the user has installed it: optional peers, never imported. */
  readonly peers?: readonly string[]
  /** What its tests may import besides. */
  readonly tests?: readonly string[]
}

const MECHANISMS = ['impl-posix', 'impl-sysv', 'impl-mmap']
const ALL_IMPLS = ['impl-local', ...MECHANISMS]

/** A package that is not here has no place yet: it is given one by a decision, then a row. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  impl: { imports: [] },
  native: { imports: [] },
  freepage: { imports: [] },
  resowner: { imports: [] },
  'impl-posix': { imports: ['impl', 'native'] },
  'impl-sysv': { imports: ['impl', 'native'] },
  'impl-mmap': { imports: ['impl', 'native'] },
  'impl-local': { imports: ['impl'] },
  lwlock: { imports: ['impl', 'native'] },
  control: { imports: ['impl', 'lwlock', 'freepage'], tests: ALL_IMPLS },
  core: {
    imports: ['control', 'impl', 'lwlock', 'resowner'],
    peers: MECHANISMS,
    tests: ALL_IMPLS,
  },
  cli: { imports: ['control', 'impl', 'lwlock', ...MECHANISMS], tests: ['core'] },
  metrics: { imports: ['core'], tests: MECHANISMS },
}

const OURS = /^@dsm\/([^/]+)(\/.+)?$/

const inPackages = ({ dir }: Package): boolean => dir.startsWith('packages/')
const idsIn = (table: Record<string, string> | undefined): string[] =>
  Object.keys(table ?? {}).flatMap(name => OURS.exec(name)?.[1] ?? [])

function manifestLayers(repository: Repository): Violation[] {
  return repository.packages.filter(inPackages).flatMap(({ dir, id, manifest }) => {
    const path = `${dir}/package.json`
    const layer = LAYERS[id]
    if (layer === undefined) return [{ path, message: `"${id}" has no row in the layer table` }]
    const test = [...layer.imports, ...(layer.tests ?? [])]
    const kinds: [keyof Manifest & `${string}ependencies`, readonly string[]][] = [
      ['dependencies', layer.imports],
      ['optionalDependencies', []],
      ['peerDependencies', layer.peers ?? []],
      ['devDependencies', test],
    ]
    return kinds.flatMap(([kind, allowed]) =>
      idsIn(manifest[kind])
        .filter(other => !allowed.includes(other))
        .map(other => ({ path, message: `@dsm/${id} may not have @dsm/${other} in ${kind}` })),
    )
  })
}

interface Import {
  readonly path: string
  readonly line: number
  readonly specifier: string
}

/** Static, dynamic, re-exporting and require()d alike; type-only ones too. */
function importsIn(repository: Repository, path: string): Import[] {
  const text = repository.text(path)
  const { importedFiles } = ts.preProcessFile(text, true, true)
  return importedFiles.map(({ fileName, pos }) => ({
    path,
    line: text.slice(0, pos).split('\n').length,
    specifier: fileName,
  }))
}

const allImports = (repository: Repository): Import[] =>
  repository.files(SCRIPT).flatMap(path => importsIn(repository, path))

function sourceLayers(repository: Repository): Violation[] {
  return allImports(repository).flatMap(({ path, line, specifier }) => {
    const from = repository.packageOf(path)
    const to = OURS.exec(specifier)?.[1]
    if (from === undefined || to === undefined || to === from.id) return []
    const layer = LAYERS[from.id]
    const inSource = path.startsWith(`${from.dir}/src/`)
    const allowed = inSource ? layer?.imports : [...(layer?.imports ?? []), ...(layer?.tests ?? [])]
    if (inPackages(from) && !allowed?.includes(to)) {
      return [{ path, line, message: `@dsm/${from.id} may not import @dsm/${to}` }]
    }
    return isDeclared(from, to, inSource)
      ? []
      : [{ path, line, message: `imports @dsm/${to}, which its package.json does not have` }]
  })
}

function isDeclared({ dir, manifest }: Package, to: string, inSource: boolean): boolean {
  const runtime = idsIn(manifest.dependencies)
  const development = idsIn(manifest.devDependencies)
  const strict = inSource && dir.startsWith('packages/')
  return runtime.includes(to) || (!strict && development.includes(to))
}

/** `@dsm/x/y` is public if x exports `./y`; a relative path must not leave its package. */
function publicEntries(repository: Repository): Violation[] {
  return allImports(repository).flatMap(found => {
    const message = /^\.\.?\//.test(found.specifier)
      ? wayOut(repository, found)
      : deepPath(repository, found)
    return message === null ? [] : [{ path: found.path, line: found.line, message }]
  })
}

function deepPath(repository: Repository, { specifier }: Import): string | null {
  const match = OURS.exec(specifier)
  const below = match?.[2]
  if (below === undefined) return null
  const target = repository.packages.find(({ id }) => id === match?.[1])
  return Object.hasOwn(target?.manifest.exports ?? {}, `.${below}`)
    ? null
    : `"${specifier}" is no public entry`
}

function wayOut(repository: Repository, { path, specifier }: Import): string | null {
  const from = repository.packageOf(path)
  if (from === undefined) return null
  const target = posix.join(posix.dirname(path), specifier)
  const preset = /\.config\.ts$/.test(path) && target.startsWith('tooling/')
  return preset || target.startsWith(`${from.dir}/`) || from.dir.startsWith('tooling/')
    ? null
    : `"${specifier}" leads out of ${from.dir}; import the other package by its name`
}

/** The versions move on their own: `workspace:^`; an addon is compiled with one set of headers. */
function internalRanges(repository: Repository): Violation[] {
  const kinds = ['dependencies', 'devDependencies', 'peerDependencies'] as const
  return repository.packages.flatMap(({ dir, manifest }) =>
    kinds.flatMap(kind =>
      Object.entries(manifest[kind] ?? {}).flatMap(([name, range]) => {
        const ours = OURS.test(name)
        const wanted = name === '@dsm/native' ? 'workspace:*' : 'workspace:^'
        const right = ours ? range === wanted : kind === 'peerDependencies' || isExact(range)
        if (right) return []
        const instead = ours ? `"${wanted}"` : 'an exact version'
        const message = `${name}: "${range}" should be ${instead}`
        return [{ path: `${dir}/package.json`, message }]
      }),
    ),
  )
}

const isExact = (range: string): boolean => /^\d+\.\d+\.\d+$/.test(range)

export const layerRules: readonly Rule[] = [
  { title: 'a manifest names only the packages that its layer may use', check: manifestLayers },
  { title: 'a file imports only what its layer may use and declares', check: sourceLayers },
  { title: 'imports go to public entries only', check: publicEntries },
  { title: 'ours are workspace:^, the headers workspace:*, others exact', check: internalRanges },
]
