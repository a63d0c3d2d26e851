/**
 * Before any test: a clone of the repository after its first release, a registry with the tarballs
 * of that, and the tools of this run. All of it is in one temporary directory.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { Clone, root } from './clone.js'
import { commandsOf, makeHome } from './project.js'
import { Registry } from './registry.js'
import { succeed, userEnvironment } from './run.js'
import { findTools, type Manager, type Tools } from './tools.js'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly place: string
    readonly registry: string
    readonly tools: Tools
    readonly releaseEnvironment: NodeJS.ProcessEnv
  }
}

/** What the packages need from others: it is installed here, and packed as it is. */
const FOREIGN = [
  ['impl-posix', 'node-gyp-build'],
  ['native', 'node-addon-api'],
  ['native', 'node-api-headers'],
] as const

async function addForeign(registry: Registry, place: string, release: Release): Promise<void> {
  const tarballs = join(place, 'foreign-tarballs')
  for (const [from, name] of FOREIGN) {
    const find = createRequire(join(root, 'packages', from, 'package.json'))
    const cwd = join(place, 'foreign', name)
    const installed = dirname(find.resolve(`${name}/package.json`))
    cpSync(installed, cwd, { recursive: true, dereference: true })
    await succeed('pnpm', ['pack', '--pack-destination', tarballs], { cwd, env: release.env })
  }
  await addAll(registry, tarballs)
}

/** What would be published: 1.0.0 of everything, as `pnpm pack` makes it. */
async function addFirstRelease(registry: Registry, release: Release): Promise<void> {
  await release.clone.version()
  await release.clone.pack(release.tarballs)
  await addAll(registry, release.tarballs)
}

async function addAll(registry: Registry, directory: string): Promise<void> {
  for (const file of readdirSync(directory)) {
    const path = join(directory, file)
    const options = { cwd: directory, env: process.env }
    const manifest = await succeed('tar', ['-xzOf', path, 'package/package.json'], options)
    registry.add(JSON.parse(manifest), readFileSync(path))
  }
}

interface Release {
  readonly clone: Clone
  readonly env: NodeJS.ProcessEnv
  readonly tarballs: string
}

async function prepareRelease(place: string, pnpm: Manager, url: string): Promise<Release> {
  const env = {
    ...userEnvironment(makeHome(place, 'home', url), [commandsOf(place, pnpm)]),
    npm_config_registry: url, // changesets reads no .npmrc: it would take the public one
  }
  const clone = await Clone.make(join(place, 'clone'), env)
  return { clone, env, tarballs: join(place, 'tarballs') }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const place = mkdtempSync(join(tmpdir(), 'dsm-pack-'))
  const registry = await Registry.start()
  const end = () => {
    registry.stop()
    rmSync(place, { recursive: true, force: true })
  }
  try {
    mkdirSync(join(place, 'nodes'))
    const tools = await findTools(join(place, 'nodes'))
    const release = await prepareRelease(place, tools.pnpm, registry.url)
    await addForeign(registry, place, release)
    await addFirstRelease(registry, release)
    project.provide('place', place)
    project.provide('registry', registry.url)
    project.provide('tools', tools)
    project.provide('releaseEnvironment', release.env)
  } catch (error) {
    end()
    throw error
  }
  return end
}
