/**
 * A scratch copy of what campaigns are run from: the packages with their sources and builds, and
 * this one. Only there is anything spoilt; it goes when the process ends. The tools that build are
 * the repository's own.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageFile } from '../../child.js'
import { type Mutant, spoil } from './mutant.js'

export const REPOSITORY = packageFile('../..')
const CAMPAIGNS = 'apps/campaign'
/** What nothing that runs needs. */
const LEFT_OUT = new Set(['.turbo', '.vite', '.vite-temp', 'coverage', 'prebuilds', 'test'])
const BUILDER = join(REPOSITORY, 'node_modules/tsup/dist/cli-default.js')
const BUNDLE = ['src/index.ts', '--no-config', '--format', 'esm,cjs', '--target', 'node20']
const BUILD_MS_MAX = 120_000

export class Workshop {
  readonly #dir = mkdtempSync(join(tmpdir(), 'dsm-mutants-'))
  readonly #onExit = () => this.remove()

  constructor() {
    process.on('exit', this.#onExit)
    for (const name of readdirSync(join(REPOSITORY, 'packages'))) this.#copy(`packages/${name}`)
    this.#copy(CAMPAIGNS)
    symlinkSync(join(REPOSITORY, 'node_modules'), join(this.#dir, 'node_modules'))
    mkdirSync(this.temporary)
  }

  /** For what campaigns keep while they run, and forget. */
  get temporary(): string {
    return join(this.#dir, 'tmp')
  }

  get campaignMain(): string {
    return join(this.#dir, CAMPAIGNS, 'dist/main.js')
  }

  /** Builds what it changes. @throws if it cannot be applied, or built */
  spoil(mutant: Mutant): void {
    const path = join(this.#dir, mutant.file)
    writeFileSync(path, spoil(readFileSync(path, 'utf8'), mutant))
    const recipe = join(this.#dir, 'packages/native/bin/dsm-native-build.mjs')
    if (mutant.addons === undefined) this.#build(packageOf(mutant), [BUILDER, ...BUNDLE, '--shims'])
    else for (const name of mutant.addons) this.#build(`packages/${name}`, [recipe, '--quiet'])
  }

  /** All as it was. */
  restore(mutant: Mutant): void {
    const built = mutant.addons ?? []
    const packages = [packageOf(mutant), ...built.map(name => `packages/${name}`)]
    for (const name of new Set(packages)) {
      rmSync(join(this.#dir, name), { recursive: true })
      this.#copy(name)
    }
    rmSync(this.temporary, { recursive: true, force: true })
    mkdirSync(this.temporary)
  }

  remove(): void {
    process.off('exit', this.#onExit)
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #copy(name: string): void {
    cpSync(join(REPOSITORY, name), join(this.#dir, name), {
      recursive: true,
      verbatimSymlinks: true, // packages lead to each other by relative paths
      filter: path => !LEFT_OUT.has(path.slice(path.lastIndexOf('/') + 1)),
    })
  }

  #build(name: string, words: readonly string[]): void {
    const { status, stderr, stdout } = spawnSync(process.execPath, words, {
      cwd: join(this.#dir, name),
      encoding: 'utf8',
      timeout: BUILD_MS_MAX,
      killSignal: 'SIGKILL',
    })
    if (status !== 0) throw new Error(`${name} could not be built: ${stdout}${stderr}`)
  }
}

/** `packages/control/src/…` is of `packages/control`. */
const packageOf = ({ file }: Mutant): string => file.split('/').slice(0, 2).join('/')
