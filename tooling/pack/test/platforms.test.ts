/**
 * Machines for which there is no addon in the tarball, played by this one: the error names one
 * command, and that command, run as it stands, makes the same program work.
 */
import { readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { Project } from '../src/project.js'
import type { NodeVersion } from '../src/tools.js'
import { USES } from '../src/uses.js'

const { managers, nodes } = inject('tools')
const [node] = nodes as readonly [NodeVersion]
const [use] = USES
const program = use?.program ?? ''

/** Loaded before the program: Node and the loader then believe to be elsewhere. */
const pretend = (platform: string, arch: string) => `
const os = require('node:os')
for (const [name, value] of Object.entries({ platform: '${platform}', arch: '${arch}' })) {
  Object.defineProperty(process, name, { value })
  os[name] = () => value
}
`

const ADVICE =
  /(@dsm\/\S+) has no compiled addon for (\S+?)( that loads \(.*\))?\. To compile it, run/
const COMMAND = /run "([^"]+)" in (\/.*) \(needs a C\+\+17 compiler\)/

async function freshProject(manager: (typeof managers)[number], name: string): Promise<Project> {
  const place = inject('place')
  const project = new Project({ place, registry: inject('registry'), manager, name })
  await project.install(use?.asked ?? [])
  project.write('program.mjs', program)
  return project
}

describe.each(managers)('installed by $name $version', manager => {
  test('the error of a strange machine names the command that compiles there', async () => {
    const project = await freshProject(manager, 'strange-machine')
    project.write('pretend.cjs', pretend('linux', 'riscv64'))
    const args = ['--require', './pretend.cjs', 'program.mjs']
    const compiled: string[] = []
    let ended = await project.node(node, args)
    while (ended.code !== 0 && compiled.length < 3) {
      const [, name = '', machine] = ADVICE.exec(ended.stderr) ?? []
      expect(machine).toBe('linux-riscv64')
      const [, command = '', folder = ''] = COMMAND.exec(ended.stderr) ?? []
      expect(command).toBe('npx dsm-native-build')
      const built = await project.shell(command, folder)
      expect(built).toMatchObject({ code: 0, stderr: '' })
      compiled.push(name)
      ended = await project.node(node, args)
    }
    expect(compiled.sort()).toEqual(['@dsm/impl-posix', '@dsm/lwlock'])
    expect(ended).toEqual({ code: 0, stdout: use?.prints, stderr: '' })
  })
})

describe('where the addon does not fit', () => {
  const project = freshProject(managers[0]!, 'no-fit')

  test.each([
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 'arm64'],
  ])('%s-%s is told so in one sentence', async (platform, arch) => {
    const fresh = await project
    fresh.write('pretend.cjs', pretend(platform, arch))
    const ended = await fresh.node(node, ['--require', './pretend.cjs', 'program.mjs'])
    expect(ended.code).toBe(1)
    expect(ADVICE.exec(ended.stderr)?.[2]).toBe(`${platform}-${arch}`)
    expect(ended.stderr).toContain("code: 'DSM_ADDON_MISSING'")
  })

  test('another C library is told so, too', async () => {
    const ended = await (await project).node(node, ['program.mjs'], { LIBC: 'musl' })
    expect(ended.code).toBe(1)
    expect(ADVICE.exec(ended.stderr)?.[2]).toBe(`linux-${process.arch}`)
  })

  test('an addon that the system refuses to load says why, and the command', async () => {
    const fresh = await project
    const prebuilds = join(fresh.dir, 'node_modules/@dsm/lwlock/prebuilds', `linux-${process.arch}`)
    const [file = ''] = readdirSync(realpathSync(prebuilds))
    writeFileSync(join(prebuilds, file), 'no ELF file')
    const ended = await fresh.node(node, ['program.mjs'])
    expect(ended.code).toBe(1)
    const [, name, , reason] = ADVICE.exec(ended.stderr) ?? []
    expect([name, reason]).toEqual(['@dsm/lwlock', expect.stringMatching(/ that loads \(.+\)/)])
    expect(ended.stderr).toMatch(COMMAND)
  })
})
