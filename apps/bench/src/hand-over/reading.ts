/** What the receiver does with the bytes, and what shows that it did. */
import { readEveryPage } from '../pages.js'
import { FIRST_BYTE, type Reading } from './way.js'

const PAGE_BYTES = 4096

export const read = (bytes: Uint8Array, reading: Reading): number =>
  reading === 'first byte' ? bytes[0]! : readEveryPage(bytes)

/** @throws where the receiver did not find what was given */
export function verify(found: unknown, size: number, reading: Reading): void {
  const pages = reading === 'first byte' ? 1 : size / PAGE_BYTES
  if (found !== pages * FIRST_BYTE) throw new Error(`the receiver read ${String(found)}`)
}
