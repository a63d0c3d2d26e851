/** Reading memory as thinly as possible: every page once, so that every page has to be there. */

const PAGE_BYTES = 4096

/** The sum of every page's first byte. */
export function readEveryPage(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) sum += bytes[at]!
  return sum
}
