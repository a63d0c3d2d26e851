/**
 * A fresh project of a user, and what is installed in it: a folder, a home and a registry.
 */
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, run, succeed, userEnvironment } from './run.js'
import type { Manager, NodeVersion } from './tools.js'

/** A home in which package managers know one registry and keep their caches. */
export function makeHome(place: string, name: string, registry: string): string {
  const home = join(place, name)
  mkdirSync(home, { recursive: true })
  const lines = [`registry=${registry}`, `${registry.replace('http:', '')}:_authToken=none`]
  lines.push('audit=false', 'fund=false', 'update-notifier=false')
  writeFileSync(join(home, '.npmrc'), `${lines.join('\n')}\n`)
  return home
}

/** A folder with one manager's command, as it would be in somebody's PATH. */
export function commandsOf(place: string, { name, version, script }: Manager): string {
  const dir = join(place, 'commands', `${name}-${version}`)
  if (existsSync(dir)) return dir
  mkdirSync(dir, { recursive: true })
  symlinkSync(script, join(dir, name))
  return dir
}

export class Project {
  readonly dir: string
  readonly #manager: Manager
  readonly #env: NodeJS.ProcessEnv

  constructor(options: { place: string; name: string; registry: string; manager: Manager }) {
    const { place, name, registry, manager } = options
    this.dir = join(place, `${manager.name}-${manager.version}`, name)
    this.#manager = manager
    mkdirSync(this.dir, { recursive: true })
    const home = makeHome(place, `home-${manager.name}-${manager.version}`, registry)
    this.#env = userEnvironment(home, [commandsOf(place, manager), manager.node.dir])
  }

  /** `npm …` or `pnpm …`, in this folder. */
  manage(...args: string[]): Promise<string> {
    const { node, script } = this.#manager
    return succeed(join(node.dir, 'node'), [script, ...args], { cwd: this.dir, env: this.#env })
  }

  async install(names: readonly string[]): Promise<void> {
    this.write('package.json', '{ "name": "fresh", "version": "1.0.0", "private": true }\n')
    const npm = this.#manager.name === 'npm'
    await this.manage(npm ? 'install' : 'add', ...names)
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.dir, file), text)
  }

  node(node: NodeVersion, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const options = { cwd: this.dir, env: { ...this.#env, ...env } }
    return run(join(node.dir, 'node'), args, options)
  }

  /** One line of a shell, elsewhere than in the project's folder. */
  shell(line: string, cwd: string): Promise<Ended> {
    return run('sh', ['-c', line], { cwd, env: this.#env })
  }

  /** The names of all that came along, of dependencies of dependencies too. */
  installed(): string[] {
    const names = new Set<string>()
    const store = join(this.dir, 'node_modules/.pnpm')
    const places = existsSync(store)
      ? readdirSync(store).map(entry => join(store, entry, 'node_modules'))
      : [join(this.dir, 'node_modules')]
    for (const place of places.filter(existsSync)) {
      for (const name of readdirSync(place)) {
        if (name.startsWith('.')) continue
        if (!name.startsWith('@')) names.add(name)
        else for (const inside of readdirSync(join(place, name))) names.add(`${name}/${inside}`)
      }
    }
    return [...names].sort()
  }
}
