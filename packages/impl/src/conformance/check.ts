/**
 * What the groups say again and again: codes of errors, bytes of mappings, names that are free.
 * Bytes are always read through a fresh look at `mapping.buffer`: the contract lets an
 * implementation without a memory-management unit (`@dsm/impl-local`) bring them up to date there.
 */
import assert from 'node:assert/strict'
import type { DsmMapping, DsmNamespace } from '../dsm-impl.js'
import { DsmError, type DsmErrorCode } from '../errors.js'

export const PAGE = 4096

/** All bytes of a mapping, as they are now. */
export const bytes = (mapping: DsmMapping): Uint8Array => new Uint8Array(mapping.buffer)

/** Writes one byte so that other processes see it now, whatever the mechanism. */
export function put(mapping: DsmMapping, at: number, value: number): void {
  bytes(mapping)[at] = value
  assert.equal(bytes(mapping)[at], value)
}

export function assertAll(mapping: DsmMapping, value: number): void {
  const at = bytes(mapping).findIndex(byte => byte !== value)
  assert.equal(at, -1, `byte ${at} of ${mapping.size} is ${bytes(mapping)[at]} and not ${value}`)
}

/** What a work throws; fails if it throws nothing. */
export function thrown(work: () => unknown): unknown {
  let result: unknown
  try {
    result = work()
  } catch (error) {
    return error
  }
  return assert.fail(`nothing thrown; the result is ${shown(result)}`)
}

/** A promise that is awaited later: if something else fails first, its rejection is nobody's. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

export async function rejected(promise: Promise<unknown>): Promise<unknown> {
  let result: unknown
  try {
    result = await promise
  } catch (error) {
    return error
  }
  return assert.fail(`not rejected; the result is ${shown(result)}`)
}

export function assertDsmError(error: unknown, code: DsmErrorCode): asserts error is DsmError {
  assert.ok(DsmError.isInstance(error), `${code} expected, this came: ${shown(error)}`)
  assert.equal(error.code, code, error.message)
}

export function throwsCode(code: DsmErrorCode, work: () => unknown): DsmError {
  const error = thrown(work)
  assertDsmError(error, code)
  return error
}

/** A TypeError or RangeError with Node's code, before anything was touched. */
export function assertMisuse(error: unknown, what: string): void {
  const type =
    error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_ARG_TYPE'
  const range = error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE'
  assert.ok(
    type || range,
    `${what}: TypeError ERR_INVALID_ARG_TYPE or RangeError ERR_OUT_OF_RANGE expected, ` +
      `this came: ${shown(error)}`,
  )
}

export function assertAbort(error: unknown): void {
  assert.ok(error instanceof Error, `AbortError expected, this came: ${shown(error)}`)
  assert.equal(error.name, 'AbortError', error.message)
  assert.equal('code' in error && error.code, 'ABORT_ERR')
}

/** The name bears nothing. (An absent name is DSM_NOT_FOUND, whatever size is asked for.) */
export function assertFree(space: DsmNamespace, handle: number): void {
  throwsCode('DSM_NOT_FOUND', () => space.attach(handle, PAGE))
}

export function shown(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value))
}
