/**
 * Reading every byte, and knowing that they are the right ones: their sum.
 */

export function sumOf(bytes: Uint8Array): number {
  let sum = 0
  for (let index = 0; index < bytes.length; index++) sum += bytes[index]!
  return sum
}
