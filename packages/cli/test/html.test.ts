/** The page of `inspect --html`: one file, sound markup, nothing fetched, all in words too. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dsm, type Member, usePlace } from './support/place.js'

const { place } = usePlace()
const VOID = new Set(['meta'])

/** Every element is closed, in order. */
function expectSound(markup: string): void {
  const open: string[] = []
  for (const [, closing, name] of markup.matchAll(/<(\/?)([a-zA-Z0-9]+)(?:\s[^<>]*)?>/g)) {
    if (VOID.has(name!)) continue
    if (closing) expect(open.pop()).toBe(name)
    else open.push(name!)
  }
  expect(open).toEqual([])
}

async function shop(): Promise<Member> {
  const member = await place().member({
    name: 'shop',
    kind: 'posix',
    maxMembers: 4,
    maxSegments: 24,
    mainRegionSize: 1 << 20,
  })
  await member.call('create', 1 << 20, { ownObject: true, name: 'catalogue', pin: true })
  for (let n = 0; n < 20; n++)
    await member.call('create', 4096 * (n + 1), n < 2 ? { name: `n${n}` } : {})
  const other = await place().member({ name: 'shop' })
  await other.call('create', 100)
  return member
}

const pageOf = async (): Promise<string> => {
  const file = join(place().root, 'shop.html')
  expect(await dsm(['inspect', 'shop', '--html', file])).toMatchObject({ code: 0, stderr: '' })
  const page = readFileSync(file, 'utf8')
  rmSync(file)
  return page
}

test('the page is sound, stands alone, and is for light and dark', async () => {
  await shop()
  const page = await pageOf()
  expectSound(page)
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
  expect(page).not.toMatch(/<script|<link|@import|url\(|src=|href=/)
  expect(page).toContain('prefers-color-scheme: dark')
})

test('what the picture shows stands in tables too, with headings for rows and columns', async () => {
  await shop()
  const page = await pageOf()
  for (const part of [
    'References',
    'Segments',
    'Members',
    'catalogue',
    'scope="row"',
    'role="img"',
  ]) {
    expect(page).toContain(part)
  }
  expect(page).toMatch(/aria-label="2 members, 22 segments and a main region of 256 pages"/)
  const rows = page.split('<tbody>')[1]!.split('</tbody>')[0]!.match(/<tr>/g)
  expect(rows).toHaveLength(22)
  expect(page).toMatch(/SLOTS: 23 OF 24 IN USE/)
  expect(page).toContain('page 0: the header')
})

test('the drawing has a line for each reference that it shows, and can stand alone', async () => {
  await shop()
  const file = join(place().root, 'shop.svg')
  expect((await dsm(['inspect', 'shop', '--svg', file])).code).toBe(0)
  const svg = readFileSync(file, 'utf8')
  rmSync(file)
  expectSound(svg)
  expect(svg).toMatch(/^<svg xmlns=/)
  const lines = svg.match(/class="line /g) ?? []
  expect(lines).toHaveLength(18) // of 22 segments, the 18 that say most; each is held once
  expect(svg).toContain('… and 4 more')
  expect(svg).not.toMatch(/NaN|undefined|Infinity/)
})

test('a group that cannot be read has a page that says why, and the exit code 1', async () => {
  const member = await shop()
  await member.kill()
  await place().killAll()
  const file = join(place().root, 'dead.html')
  expect((await dsm(['inspect', 'shop', '--html', file])).code).toBe(1)
  const page = readFileSync(file, 'utf8')
  rmSync(file)
  expectSound(page)
  expect(page).toContain('class="chip dead"')
})
