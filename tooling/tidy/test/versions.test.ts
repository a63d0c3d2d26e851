/**
 * Versions are independent: what `changeset version` makes of a change in one package, tried on a
 * copy of the manifests in a repository of its own, after a first release of everything.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Manifest, Repository } from '../src/repository.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const changesetCommand = join(root, 'node_modules/@changesets/cli/bin.js')
const { packages } = Repository.read(root)
const published = packages.filter(found => found.published)
let copy = ''

type Bump = 'major' | 'minor' | 'patch'

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    cwd: copy,
    stdio: 'pipe',
  })

function commit(message: string): void {
  git('add', '-A')
  git('commit', '-qm', message)
}

const manifestOf = (dir: string): Manifest =>
  JSON.parse(readFileSync(join(copy, dir, 'package.json'), 'utf8'))

const versions = () => new Map(packages.map(({ dir, id }) => [id, manifestOf(dir).version]))

/** Runs `changeset version` for these changes; returns the packages whose version moved. */
function release(bumps: Readonly<Record<string, Bump>>): Record<string, string> {
  const before = versions()
  const lines = Object.entries(bumps).map(([id, bump]) => `"@dsm/${id}": ${bump}\n`)
  writeFileSync(join(copy, '.changeset/change.md'), `---\n${lines.join('')}---\n\nA change\n`)
  commit('change')
  execFileSync(process.execPath, [changesetCommand, 'version'], { cwd: copy, stdio: 'pipe' })
  commit('release')
  const moved = [...versions()].filter(([id, version]) => before.get(id) !== version)
  return Object.fromEntries(moved) as Record<string, string>
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'dsm-tidy-'))
  for (const path of ['package.json', 'pnpm-workspace.yaml', '.changeset/config.json']) {
    mkdirSync(join(copy, dirname(path)), { recursive: true })
    cpSync(join(root, path), join(copy, path))
  }
  for (const { dir } of packages) {
    mkdirSync(join(copy, dir), { recursive: true })
    cpSync(join(root, dir, 'package.json'), join(copy, dir, 'package.json'))
  }
  const config = join(copy, '.changeset/config.json')
  // The one setting that is looked up among installed packages; it decides no version.
  writeFileSync(
    config,
    JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), changelog: false }),
  )
  git('init', '-qb', 'main')
  commit('start')
})

afterAll(() => rmSync(copy, { recursive: true, force: true }))

test('the first release is 1.0.0 of every published package', () => {
  const unreleased = published.filter(({ manifest }) => manifest.version === '0.0.0')
  const bumps = Object.fromEntries(unreleased.map(({ id }) => [id, 'major' as const]))
  const moved = unreleased.length > 0 ? release(bumps) : {}
  for (const { id } of unreleased) expect([id, moved[id]]).toEqual([id, '1.0.0'])
})

test('a minor of freepage moves no other version', () => {
  expect(release({ freepage: 'minor' })).toEqual({ freepage: expect.stringMatching(/^\d+\.1\.0$/) })
})

test('a patch of control moves no other version', () => {
  expect(Object.keys(release({ control: 'patch' }))).toEqual(['control'])
})

test('a minor of a mechanism moves no other version, though core has it as a peer', () => {
  expect(Object.keys(release({ 'impl-posix': 'minor' }))).toEqual(['impl-posix'])
})

test('a patch of the headers moves every addon, which is compiled with exactly these', () => {
  const addons = published.filter(({ manifest }) => manifest.dependencies?.['@dsm/native'])
  const moved = Object.keys(release({ native: 'patch' })).filter(id =>
    published.some(found => found.id === id),
  )
  expect(moved.sort()).toEqual([...addons.map(({ id }) => id), 'native'].sort())
})

test('a major of the contract moves everything that depends on it', () => {
  const moved = release({ impl: 'major' })
  for (const id of ['impl', 'impl-posix', 'control', 'core']) expect(moved).toHaveProperty([id])
})
