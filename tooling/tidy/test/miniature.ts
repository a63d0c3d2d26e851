/**
 * The smallest repository that keeps every rule, in memory: what the canaries break.
 */
import { Repository } from '../src/repository.js'

const exported = { import: { types: './dist/index.d.ts', default: './dist/index.js' } }

const manifest = (id: string, more: object): string =>
  JSON.stringify({
    name: `@dsm/${id}`,
    version: '0.0.0',
    description: 'a package',
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.19' },
    exports: { '.': exported, './package.json': './package.json' },
    files: ['dist'],
    scripts: { test: 'vitest run', typecheck: 'tsc -p .' },
    ...more,
  })

function packageFiles(id: string, more: object = {}): [string, string][] {
  const dir = `packages/${id}`
  return [
    [`${dir}/package.json`, manifest(id, more)],
    [`${dir}/README.md`, `# ${id}\n`],
    [`${dir}/tsconfig.json`, '{ "extends": "../../tooling/typescript/base.json" }\n'],
    [`${dir}/tsup.config.ts`, "import '../../tooling/tsup/preset.mjs'\n"],
    [`${dir}/vitest.config.ts`, "import '../../tooling/vitest/preset.mjs'\n"],
    [`${dir}/src/index.ts`, '/** What it is. */\nexport const one = 1\n'],
    [`${dir}/test/index.test.ts`, "/** What it tests. */\ntest.skip('a — no b', () => {})\n"],
  ]
}

const addon = {
  files: ['dist', 'native', 'prebuilds'],
  scripts: {
    test: 'vitest run',
    typecheck: 'tsc -p .',
    'build:native': 'dsm-native-build',
    prepack: 'dsm-native-build --prebuild --quiet',
  },
  dependencies: {
    '@dsm/impl': 'workspace:^',
    '@dsm/native': 'workspace:*',
    'node-gyp-build': '4.8.4',
  },
}

const RECORD = '# 0001: First\n\nDate: 2026-01-31. Status: accepted.\n'
const released = ['control', 'core', 'freepage', 'impl', 'impl-posix', 'native']

export const miniature: ReadonlyMap<string, string> = new Map([
  ...packageFiles('impl'),
  ...packageFiles('native'),
  ...packageFiles('freepage'),
  ...packageFiles('impl-posix', addon),
  ['packages/impl-posix/native/posix.cc', '// What it is.\n'],
  ...packageFiles('control', {
    dependencies: { '@dsm/impl': 'workspace:^', '@dsm/freepage': 'workspace:^' },
  }),
  ...packageFiles('core', { dependencies: { '@dsm/control': 'workspace:^' } }),
  ['packages/core/src/dsm.ts', "/** What it is. */\nimport { one } from '@dsm/control'\n"],
  ['.changeset/config.json', '{ "fixed": [], "linked": [] }'],
  ['.changeset/first.md', `---\n${released.map(id => `"@dsm/${id}": major\n`).join('')}---\n\nA\n`],
  ['docs/decisions/0001-first.md', RECORD],
  ['pnpm-lock.yaml', 'lockfileVersion: 9.0\n'],
])

/** The miniature with some files replaced, added, or (null) removed. */
export function broken(changes: Readonly<Record<string, string | null>>): Repository {
  const texts = new Map(miniature)
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) texts.delete(path)
    else texts.set(path, text)
  }
  return new Repository(texts)
}

/** A manifest of the miniature with some fields replaced. */
export function withFields(path: string, fields: object): Record<string, string> {
  return { [path]: JSON.stringify({ ...JSON.parse(miniature.get(path)!), ...fields }) }
}
