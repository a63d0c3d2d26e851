/**
 * What is in the tarballs: nothing that runs at installation, addons that old systems load, the
 * licence; and nothing of the workspace.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { PUBLISHED, root } from '../src/clone.js'
import { needsOf } from '../src/elf.js'
import { succeed } from '../src/run.js'

const place = inject('place')
const NATIVE = ['impl-mmap', 'impl-posix', 'impl-sysv', 'lwlock']
/** Scripts that npm or pnpm runs by itself when a package is installed. */
const AT_INSTALL = ['preinstall', 'install', 'postinstall', 'prepare']
const KB = 1024

/** The version in it is the one that was released first. */
const tarballOf = (id: string) => join(place, 'tarballs', `dsm-${id}-1.0.0.tgz`)
const tar = (...args: string[]) => succeed('tar', args, { cwd: place, env: process.env })

test('there is one for every published package, and no other', () => {
  const expected = PUBLISHED.map(id => `dsm-${id}-1.0.0.tgz`)
  expect(readdirSync(join(place, 'tarballs')).sort()).toEqual(expected.sort())
})

describe.each(PUBLISHED)('@dsm/%s', id => {
  test('has what is used and the licence, and nothing that runs when it is installed', async () => {
    const files = (await tar('-tzf', tarballOf(id))).trim().split('\n')
    expect(files).toEqual(expect.arrayContaining(['package/LICENSE', 'package/README.md']))
    const strange = /(^|\/)(binding\.gyp|src|test|build|node_modules|\.turbo|tsconfig\.json)(\/|$)/
    expect(files.filter(file => strange.test(file))).toEqual([])
    const text = await tar('-xzOf', tarballOf(id), 'package/package.json')
    const { scripts = {}, dependencies = {}, peerDependencies = {} } = JSON.parse(text)
    expect(Object.keys(scripts).filter(name => AT_INSTALL.includes(name))).toEqual([])
    expect(JSON.stringify([dependencies, peerDependencies])).not.toContain('workspace:')
    console.log(`@dsm/${id}: ${(statSync(tarballOf(id)).size / KB).toFixed(0)} KB packed`)
  })
})

test('exactly the packages with native code have an addon, for this machine', async () => {
  const machine = `${process.platform}-${process.arch}`
  for (const id of PUBLISHED) {
    const files = (await tar('-tzf', tarballOf(id))).trim().split('\n')
    const prebuilt = `package/prebuilds/${machine}/${id}.glibc.node`
    const addons = files.filter(file => file.endsWith('.node'))
    expect([id, addons]).toEqual([id, NATIVE.includes(id) ? [prebuilt] : []])
  }
})

describe.each(NATIVE)('the addon of @dsm/%s', id => {
  test('needs glibc 2.28 and the C++ library of GCC 8 at most, and no other library', async () => {
    const dir = join(place, 'clone/packages', id, 'prebuilds', `linux-${process.arch}`)
    const needs = await needsOf(join(dir, `${id}.glibc.node`))
    expect(needs.glibc).toBeLessThanOrEqual(2.28)
    expect(needs.libstdcxx).toBeLessThanOrEqual(25) // GLIBCXX_3.4.25
    const known = ['libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1']
    expect(needs.libraries.filter(name => !known.includes(name))).toEqual([])
    const { glibc, libstdcxx, bytes } = needs
    console.log(`${id}.node: glibc ${glibc}, GLIBCXX_3.4.${libstdcxx}, ${bytes} bytes`)
  })

  test('names no directory of the machine where it was compiled', async () => {
    const dir = join(place, 'clone/packages', id, 'prebuilds', `linux-${process.arch}`)
    const { text } = await needsOf(join(dir, `${id}.glibc.node`))
    expect(text).not.toContain(place)
    expect(text).not.toContain(root)
  })
})

test('an addon that needs more is found out', async () => {
  const { glibc } = await needsOf(process.execPath)
  expect(glibc).toBeGreaterThan(2)
})
