/**
 * What every package has: its files, the fields of its manifest, one way of compiling addons, and
 * nothing that runs when somebody installs it. What tools check already (publint, the compiler) is
 * not repeated here.
 */
import type { Manifest, Package, Repository } from './repository.js'
import type { Rule, Violation } from './rule.js'

const inPackages = ({ dir }: Package): boolean => dir.startsWith('packages/')

function requiredFiles(repository: Repository): Violation[] {
  return repository.packages.flatMap(({ dir, id }) => {
    const names = ['README.md', 'tsconfig.json', 'vitest.config.ts']
    if (dir.startsWith('tooling/')) names.shift()
    if (dir.startsWith('packages/') && id !== 'native') names.push('tsup.config.ts') // headers
    return names
      .filter(name => !repository.has(`${dir}/${name}`))
      .map(name => ({ path: `${dir}/${name}`, message: 'is missing' }))
  })
}

/** Each field, what it must be, and whether it is. */
function fieldsOf({ id, dir, manifest, published }: Package): [string, boolean][] {
  const common: [string, boolean][] = [
    [`name: "@dsm/${id}"`, manifest.name === `@dsm/${id}`],
    ['a description', (manifest.description ?? '') !== ''],
    ['license: "MIT"', manifest.license === 'MIT'],
    ['type: "module"', manifest.type === 'module'],
    ['engines.node: ">=20.19"', manifest.engines?.node === '>=20.19'],
    ['scripts.test: "vitest run"', manifest.scripts?.test === 'vitest run'],
    ['private: true', published || dir.startsWith('packages/') || manifest.private === true],
  ]
  if (!dir.startsWith('packages/')) return common
  return [
    ...common,
    ['scripts.typecheck: "tsc -p ."', manifest.scripts?.typecheck === 'tsc -p .'],
    ['sideEffects: false', manifest.sideEffects === false],
    ['files, a list', Array.isArray(manifest.files) && manifest.files.length > 0],
    ['exports with "." and "./package.json"', hasEntries(manifest)],
    ['exports with "types" first wherever there are types', typesFirst(manifest.exports)],
  ]
}

const hasEntries = ({ exports }: Manifest): boolean =>
  exports?.['.'] !== undefined && exports['./package.json'] === './package.json'

function typesFirst(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  const keys = Object.keys(value)
  if (keys.indexOf('types') > 0) return false
  return Object.values(value).every(typesFirst)
}

function requiredFields(repository: Repository): Violation[] {
  return repository.packages.flatMap(found =>
    fieldsOf(found)
      .filter(([, right]) => !right)
      .map(([wanted]) => ({ path: `${found.dir}/package.json`, message: `should have ${wanted}` })),
  )
}

/** Scripts that a package manager runs by itself, here or at the user's. */
const UNASKED = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare', 'prebuild']

function nothingAtInstall(repository: Repository): Violation[] {
  const scripts = repository.packages.flatMap(({ dir, manifest }) =>
    UNASKED.filter(name => manifest.scripts?.[name] !== undefined).map(name => ({
      path: `${dir}/package.json`,
      message: `the script "${name}" would run unasked`,
    })),
  )
  const gyp = repository
    .files(/(^|\/)binding\.gyp$/)
    .map(path => ({ path, message: 'npm would run node-gyp by itself' }))
  return [...scripts, ...gyp]
}

/** Addons differ in their sources and in nothing else. */
function oneRecipe(repository: Repository): Violation[] {
  const addons = repository.packages.filter(({ dir }) =>
    repository.files(/\/native\/[^/]+\.cc$/).some(path => path.startsWith(`${dir}/native/`)),
  )
  const recipe = ({ manifest }: Package): Record<string, unknown> => ({
    'build:native': manifest.scripts?.['build:native'],
    'node-gyp-build': manifest.dependencies?.['node-gyp-build'],
    '@dsm/native': manifest.dependencies?.['@dsm/native'],
    ...(manifest.private
      ? {}
      : { prepack: manifest.scripts?.prepack, files: manifest.files?.join(' ') }),
  })
  const wanted: Record<string, unknown> = {
    'build:native': 'dsm-native-build',
    'node-gyp-build': addons[0]?.manifest.dependencies?.['node-gyp-build'] ?? 'an exact version',
    '@dsm/native': 'workspace:*',
    prepack: 'dsm-native-build --prebuild --quiet',
    files: 'dist native prebuilds',
  }
  return addons.flatMap(addon =>
    Object.entries(recipe(addon))
      .filter(([field, value]) => value !== wanted[field])
      .map(([field, value]) => ({
        path: `${addon.dir}/package.json`,
        message: `${field} is ${value ?? 'absent'}; in every addon it is ${wanted[field]}`,
      })),
  )
}

/** One line of configuration each; what is special goes into the preset, where all can see it. */
function sameConfiguration(repository: Repository): Violation[] {
  return repository.packages.filter(inPackages).flatMap(({ dir }) => {
    const path = `${dir}/tsconfig.json`
    const extended = !repository.has(path) || repository.text(path).includes('typescript/base.json')
    return extended ? [] : [{ path, message: 'should extend tooling/typescript/base.json' }]
  })
}

export const manifestRules: readonly Rule[] = [
  { title: 'every package has its files', check: requiredFiles },
  { title: 'every manifest has its fields', check: requiredFields },
  { title: 'nothing runs when a package is installed', check: nothingAtInstall },
  { title: 'all addons are compiled by one recipe', check: oneRecipe },
  { title: 'all packages are checked by one compiler configuration', check: sameConfiguration },
]
