/** Case 113: sequences whose results PostgreSQL's own code produced, and whole memory images. */
import { describe, expect, test } from 'vitest'
import { FreePageManager } from '../src/index.js'
import { computeImages, imageSeries } from './images.js'
import { runsOf } from './runs.js'

const over = (pages: number) => FreePageManager.initialize(new ArrayBuffer((pages + 1) * 4096))

describe('case 113: golden vectors', () => {
  test('case 113, V1: cutting, a first tree, and growing together again', () => {
    const buffer = new ArrayBuffer(101 * 4096)
    const manager = FreePageManager.initialize(buffer)
    manager.put(1, 100)
    expect(manager.get(10)).toBe(1)
    expect(manager.get(5)).toBe(11)
    manager.put(1, 10)
    expect(manager.depth).toBe(1)
    expect(manager.dump()).toContain('  16@0 l: 1(10) 17(84)')
    expect(runsOf(buffer)).toEqual(['1(10)', '17(84)'])
    expect(manager.largest).toBe(84)
    expect(manager.get(3)).toBe(1)
    expect(runsOf(buffer)).toEqual(['4(7)', '17(84)'])
    manager.put(11, 5)
    expect(manager.depth).toBe(0)
    expect(runsOf(buffer)).toEqual(['4(97)'])
    manager.put(1, 3)
    expect(runsOf(buffer)).toEqual(['1(100)'])
    expect(manager.get(200)).toBeNull()
    expect(manager.get(100)).toBe(1)
    expect(manager.largest).toBe(0)
    expect(runsOf(buffer)).toEqual([])
    manager.check()
  })

  test.each([
    { order: 'rising', page: (put: number) => 2 * put - 1 },
    { order: 'falling', page: (put: number) => 65_289 - 2 * put },
  ])('case 113, V2: single pages put in $order order deepen the tree at fixed puts', ({ page }) => {
    const manager = over(65_288)
    const deepened: number[] = []
    for (let put = 1, depth = 0; put <= 32_644; put++) {
      manager.put(page(put), 1)
      if (manager.depth !== depth) deepened.push(put)
      depth = manager.depth
    }
    expect(deepened).toEqual([2, 258, 32_644])
    manager.check()
  })

  test('case 113, V3: 40,000 single pages out, every second one back, and out again', () => {
    const manager = over(40_000)
    manager.put(1, 40_000)
    for (let page = 1; page <= 40_000; page++) if (manager.get(1) !== page) expect.fail(`${page}`)
    for (let page = 2; page <= 40_000; page += 2) manager.put(page, 1)
    manager.check()
    let got = 0
    while (manager.get(1) !== null) got++
    expect(got).toBe(20_000)
    expect([manager.largest, manager.depth]).toEqual([0, 0])
    manager.check()
  })

  test('case 113, V4: a million calls give the hashes of the seed', () => {
    const { table, manager } = differential([10, 100, 1_000, 10_000, 100_000, 1_000_000])
    expect(table).toEqual([
      [10, '3c78ee33', 1, 0, 3992, 1],
      [100, '278a67f1', 7, 0, 3678, 1],
      [1_000, '5a328d15', 4, 0, 3985, 0],
      [10_000, 'af0f05ce', 108, 0, 2040, 1],
      [100_000, 'd708e0ec', 131, 133, 457, 1],
      [1_000_000, 'b6afaa74', 92, 1_394, 1591, 1],
    ])
    expect([manager.largest, manager.depth]).toEqual([4000, 0])
  })

  test.each(imageSeries)(
    'case 113: all bytes of $pages pages are as PostgreSQL leaves them',
    series => {
      expect(computeImages(FreePageManager, series)).toEqual(series.expected)
    },
  )
})

/** V4: step, hash, live, failed, largest, depth at the given steps; then everything is freed. */
function differential(steps: number[]) {
  const manager = over(4000)
  manager.put(1, 4000)
  const table: [number, string, number, number, number, number][] = []
  const live: [number, number][] = []
  let failed = 0
  let state = 1
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state >>> 16
  }
  let fnv = 2166136261
  const hash = (value: number) => {
    for (let byte = 0; byte < 4; byte++) {
      fnv = Math.imul(fnv ^ ((value >>> (8 * byte)) & 255), 16777619)
    }
  }
  for (let step = 1; step <= steps.at(-1)!; step++) {
    if (next() % 2 === 0 && live.length < 4096) {
      const [s, t] = [next(), next()]
      const npages = 1 + (t % (s % 8 === 0 ? 200 : 4))
      const first = manager.get(npages)
      if (first === null) failed++
      else live.push([first, npages])
      hash(first ?? 0xffffffff)
    } else if (live.length > 0) {
      const index = next() % live.length
      manager.put(...live[index]!)
      live[index] = live[live.length - 1]!
      live.pop()
    }
    hash(manager.largest)
    if (!steps.includes(step)) continue
    const digits = (fnv >>> 0).toString(16).padStart(8, '0')
    table.push([step, digits, live.length, failed, manager.largest, manager.depth])
    manager.check()
  }
  for (const run of live) manager.put(...run)
  return { table, manager }
}
