/** The contract, by its own suite: with buffers of their own, and with objects that need pins. */
import { conformance, type PlantForeign } from '@dsm/impl/conformance'
import { afterAll, describe, expect, test } from 'vitest'
import { local, placeObject, remainingLocal, resetLocal } from '../src/index.js'

const plantObject: PlantForeign = (space, handle, size) => {
  placeObject(space.scope, handle, { size, foreign: true })
  return resetLocal
}
const options = { foreign: { 'an object of somebody else': plantObject } }
const remaining = () => remainingLocal()

afterAll(() => {
  expect(remainingLocal()).toEqual([])
})

describe('own buffers', () => {
  conformance(test, { impl: local({ buffers: 'own' }), remaining, options })
})

describe('own buffers, and objects that die unless they are pinned', () => {
  conformance(test, { impl: local({ buffers: 'own', pins: true }), remaining, options })
})
