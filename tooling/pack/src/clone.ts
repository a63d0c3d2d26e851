/**
 * A clone of the repository to release from: the manifests, what was built, and a history of its
 * own. Dependencies are links to what is installed here, except that packages find each other in
 * the clone, where the versions move.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { succeed } from './run.js'

export const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export const readManifest = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))

/** Folders in packages/ of all that is published. */
export const PUBLISHED: readonly string[] = readdirSync(join(root, 'packages')).filter(
  id => readManifest(join(root, 'packages', id)).private !== true,
)

/** Not in a clone: what git ignores too, but for `dist`, which need not be built again. */
const LEFT_OUT = new Set(['node_modules', 'build', 'prebuilds', '.turbo'])

export class Clone {
  readonly dir: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(dir: string, env: NodeJS.ProcessEnv) {
    this.dir = dir
    this.#env = env
  }

  /** One that was made before, maybe by another process. */
  static at(dir: string, env: NodeJS.ProcessEnv): Clone {
    return new Clone(dir, env)
  }

  static async make(dir: string, env: NodeJS.ProcessEnv): Promise<Clone> {
    const clone = new Clone(dir, env)
    clone.#copy()
    await clone.#git('init', '-qb', 'main')
    await clone.#git('config', 'user.name', 'a')
    await clone.#git('config', 'user.email', 'a@example.org')
    await clone.commit('start')
    return clone
  }

  async commit(message: string): Promise<void> {
    await this.#git('add', '-A')
    await this.#git('commit', '-qm', message)
  }

  /** What `npm run version-packages` does, then what the release workflow does. */
  async version(): Promise<void> {
    await this.#changeset('version')
    await this.commit('version')
  }

  publish(): Promise<string> {
    return this.#changeset('publish')
  }

  /** Tarballs of all that is published, as publishing makes them: `prepack` compiles addons. */
  async pack(destination: string): Promise<void> {
    const chosen = PUBLISHED.flatMap(id => ['--filter', `./packages/${id}`])
    const args = ['-r', ...chosen, 'pack', '--pack-destination', destination]
    await succeed('pnpm', args, { cwd: this.dir, env: this.#env })
  }

  async tags(): Promise<string[]> {
    return (await this.#git('tag')).split('\n').filter(Boolean)
  }

  addChangeset(name: string, text: string): void {
    writeFileSync(join(this.dir, '.changeset', `${name}.md`), text)
  }

  versions(): Map<string, string> {
    return new Map(
      PUBLISHED.map(id => [id, readManifest(join(this.dir, 'packages', id)).version] as const),
    )
  }

  #copy(): void {
    mkdirSync(this.dir)
    for (const name of ['package.json', 'pnpm-workspace.yaml', '.changeset', 'LICENSE']) {
      cpSync(join(root, name), join(this.dir, name), { recursive: true })
    }
    writeFileSync(join(this.dir, '.gitignore'), 'node_modules\nprebuilds\n')
    symlinkSync(join(root, 'node_modules'), join(this.dir, 'node_modules'))
    const ids = readdirSync(join(root, 'packages'))
    for (const id of ids) {
      const from = join(root, 'packages', id)
      const filter = (path: string) => !LEFT_OUT.has(path.slice(from.length + 1))
      cpSync(from, join(this.dir, 'packages', id), { recursive: true, filter })
    }
    for (const id of ids) this.#link(id)
  }

  /** `node_modules` of one package. */
  #link(id: string): void {
    const modules = join(this.dir, 'packages', id, 'node_modules')
    const { dependencies, devDependencies } = readManifest(join(root, 'packages', id))
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
      const installed = join(root, 'packages', id, 'node_modules', name)
      const [, ours] = /^@dsm\/(.*)$/.exec(name) ?? []
      mkdirSync(dirname(join(modules, name)), { recursive: true })
      const target = ours ? join(this.dir, 'packages', ours) : realpathSync(installed)
      symlinkSync(target, join(modules, name))
    }
    if (!existsSync(join(modules, '@dsm', 'native'))) return
    mkdirSync(join(modules, '.bin'))
    const recipe = join(this.dir, 'packages/native/bin/dsm-native-build.mjs')
    symlinkSync(recipe, join(modules, '.bin', 'dsm-native-build'))
  }

  #git(...args: string[]): Promise<string> {
    return succeed('git', args, { cwd: this.dir, env: this.#env })
  }

  #changeset(...args: string[]): Promise<string> {
    const command = join(root, 'node_modules/@changesets/cli/bin.js')
    return succeed(process.execPath, [command, ...args], { cwd: this.dir, env: this.#env })
  }
}
