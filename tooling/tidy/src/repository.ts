/**
 * What the checks look at: the text files of a repository and the manifests of its packages.
 * Paths are relative to the root, with slashes. A repository can also be made of texts in memory,
 * so that the canaries can break one rule at a time. It judges nothing.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The fields of a package.json that some check reads. */
export interface Manifest {
  name?: string
  version?: string
  private?: boolean
  description?: string
  license?: string
  type?: string
  sideEffects?: unknown
  gypfile?: unknown
  bin?: Record<string, string>
  engines?: { node?: string }
  exports?: Record<string, unknown>
  files?: string[]
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

export interface Package {
  /** As `packages/core`. */
  readonly dir: string
  /** The last part of dir, which is the name behind `@dsm/`. */
  readonly id: string
  readonly manifest: Manifest
  /** In packages/ and not private. */
  readonly published: boolean
}

/** Made by tools, not by us. */
const SKIPPED_DIRECTORIES = new Set([
  '.git',
  '.turbo',
  'build',
  'coverage',
  'dist',
  'node_modules',
  'prebuilds',
])
const TEXT_BYTES_MAX = 1 << 20

export class Repository {
  readonly packages: readonly Package[]
  readonly #texts: ReadonlyMap<string, string>

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
    this.packages = [...texts.keys()].flatMap(path => packageAt(texts, path))
  }

  static read(root: string): Repository {
    const texts = new Map<string, string>()
    for (const path of filesBelow(root, '')) {
      const bytes = readFileSync(join(root, path))
      if (bytes.length <= TEXT_BYTES_MAX && !bytes.includes(0)) texts.set(path, bytes.toString())
    }
    return new Repository(texts)
  }

  /** All files that match, sorted. */
  files(pattern: RegExp): string[] {
    return [...this.#texts.keys()].filter(path => pattern.test(path)).sort()
  }

  has(path: string): boolean {
    return this.#texts.has(path)
  }

  /** Empty if there is no such file. */
  text(path: string): string {
    return this.#texts.get(path) ?? ''
  }

  lines(path: string): string[] {
    return this.text(path).replace(/\n$/, '').split('\n')
  }

  packageOf(path: string): Package | undefined {
    return this.packages.find(({ dir }) => path.startsWith(`${dir}/`))
  }
}

function packageAt(texts: ReadonlyMap<string, string>, path: string): Package[] {
  const match = /^((?:packages|apps|tooling)\/([^/]+))\/package\.json$/.exec(path)
  if (match === null) return []
  const [, dir = '', id = ''] = match
  const manifest = JSON.parse(texts.get(path) ?? '{}') as Manifest
  const published = dir.startsWith('packages/') && manifest.private !== true
  return [{ dir, id, manifest, published }]
}

function filesBelow(root: string, below: string): string[] {
  return readdirSync(join(root, below)).flatMap(name => {
    const path = below === '' ? name : `${below}/${name}`
    const stats = lstatSync(join(root, path))
    if (stats.isDirectory()) return SKIPPED_DIRECTORIES.has(name) ? [] : filesBelow(root, path)
    return stats.isFile() ? [path] : []
  })
}
