/**
 * What `live` buffers, the default, do not keep of the contract: exactly the tests listed here
 * fail, all of them because a view is emptied, or a part is brought up to date, later than it
 * should be.
 */
import { type ConformanceTest, conformance } from '@dsm/impl/conformance'
import { expect, test } from 'vitest'
import { local, resetLocal } from '../src/index.js'

test('live buffers break the contract in exactly the ways that the README tells', async () => {
  const bodies = new Map<string, () => void | Promise<void>>()
  const recorder: ConformanceTest = Object.assign(
    (name: string, body: () => void | Promise<void>) => void bodies.set(name, body),
    { skip: () => undefined },
  )
  conformance(recorder, { impl: local() })
  const failed: string[] = []
  for (const [name, body] of bodies) {
    try {
      await body()
    } catch {
      failed.push(name)
    }
    resetLocal()
  }
  expect(failed).toEqual([
    'detach: empties its own buffer while another mapping goes on',
    'part: detaches alone; parent and other parts go on',
  ])
})
