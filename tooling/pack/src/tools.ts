/**
 * The package managers and the Nodes of a run. In the short form those that are here: the npm that
 * is installed, the Node that runs. In the full form each that we promise, fetched by npx.
 */
import { copyFileSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './clone.js'
import { ownEnvironment, succeed } from './run.js'

/** A Node: its executable is `node` in a folder of its own. */
export interface NodeVersion {
  readonly version: string
  readonly dir: string
}

export interface Manager {
  readonly name: 'npm' | 'pnpm'
  readonly version: string
  /** The script that Node runs. */
  readonly script: string
  /** Under which Node it runs here. */
  readonly node: NodeVersion
}

export const FULL = process.env.DSM_INSTALL_MATRIX === 'full'

const NODES = ['20', '22', '24', '26']

/** In each the newest at the time of writing; npm 12 needs Node 22.22. */
const MANAGERS = [
  { name: 'npm', version: '11.19.1', node: '20' },
  { name: 'npm', version: '12.2.0', node: '26' },
  { name: 'pnpm', version: pinnedPnpm(), node: '20' },
] as const

function pinnedPnpm(): string {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return packageManager.replace('pnpm@', '')
}

/** Runs a line in a shell that has one npm package's commands in its PATH. */
async function within(spec: string, line: string): Promise<string> {
  const args = ['--yes', '-p', spec, '-c', line]
  const printed = await succeed('npx', args, { cwd: root, env: ownEnvironment() })
  return printed.trim().split('\n').at(-1) ?? ''
}

export async function findManager(
  name: Manager['name'],
  version: string,
  node: NodeVersion,
): Promise<Manager> {
  const script = realpathSync(await within(`${name}@${version}`, `command -v ${name}`))
  return { name, version, script, node }
}

/** The one in use here: Node where it is, and npm as it was installed beside it. */
async function installedNpm(node: NodeVersion): Promise<Manager> {
  const options = { cwd: root, env: ownEnvironment() }
  const found = await succeed('sh', ['-c', 'command -v npm'], options)
  const version = await succeed('npm', ['--version'], options)
  return { name: 'npm', version: version.trim(), script: realpathSync(found.trim()), node }
}

const thisNode = (): NodeVersion => ({ version: process.version, dir: dirname(process.execPath) })

/** Copied to a folder of its own: npx may put it beside other commands. */
async function obtainNode(major: string, place: string): Promise<NodeVersion> {
  const code = 'console.log(JSON.stringify([process.execPath, process.version]))'
  const [fetched, version] = JSON.parse(await within(`node@${major}`, `node -e '${code}'`))
  const dir = join(place, version)
  mkdirSync(dir, { recursive: true })
  copyFileSync(fetched, join(dir, 'node'))
  return { version, dir }
}

export interface Tools {
  readonly nodes: readonly NodeVersion[]
  readonly managers: readonly Manager[]
  readonly pnpm: Manager
}

export async function findTools(place: string): Promise<Tools> {
  const here = thisNode()
  const pnpm = await findManager('pnpm', pinnedPnpm(), here)
  if (!FULL) return { nodes: [here], managers: [await installedNpm(here)], pnpm }
  const nodes: NodeVersion[] = []
  for (const major of NODES) nodes.push(await obtainNode(major, place))
  const managers: Manager[] = []
  for (const { name, version, node } of MANAGERS) {
    const under = nodes.find(found => found.version.startsWith(`v${node}.`)) ?? here
    managers.push(await findManager(name, version, under))
  }
  return { nodes, managers, pnpm }
}
