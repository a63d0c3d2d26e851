/** The seed of a random test: printed, and overridden by the SEED environment variable. */
export function seedFor(title: string): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`${title}: SEED=${seed}`)
  return seed
}
