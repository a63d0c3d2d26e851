/**
 * The packages that we are compared with. They are no part of the workspace: the first run that
 * needs them installs them, exactly as peers/package-lock.json says, into peers/node_modules. One
 * that does not install, or does not load, is a row that says so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { peersDirectory } from './programs.js'

const requirePeer = createRequire(join(peersDirectory, 'package.json'))
const modules = join(peersDirectory, 'node_modules')
/** Addons of another Node cannot be loaded. */
const stamp = join(modules, '.built-for')
const INSTALL_MS = 300_000

const isBuiltForThisNode = (): boolean =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === process.versions.modules

/** @throws where it is not installed, or does not load */
export function loadPeer<T>(name: string): T {
  if (!existsSync(join(modules, name)))
    throw new Error(`${name} is not installed (apps/bench/peers)`)
  return requirePeer(name) as T
}

/** By the network, once. @param say for people who wait */
export function installPeers(say: (line: string) => void): void {
  if (isBuiltForThisNode()) return
  say('installing what we are compared with (apps/bench/peers) …')
  rmSync(modules, { recursive: true, force: true }) // of another Node
  const { npm_config_call: _, npm_config_package: __, ...env } = process.env // an outer npx's
  const words = ['install', '--no-save', '--no-audit', '--no-fund']
  const { status, stderr, error } = spawnSync('npm', words, {
    cwd: peersDirectory,
    encoding: 'utf8',
    env,
    timeout: INSTALL_MS,
  })
  if (status === 0) writeFileSync(stamp, process.versions.modules)
  else say(`npm: ${(error?.message ?? stderr).split('\n').slice(-5).join('\n')}`)
}
