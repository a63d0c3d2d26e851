/**
 * At most `limit` requests in a minute, counted by all processes of a group together.
 * It does not decide what happens to a request that is refused.
 */
const LOCK = 0 // places among the 32-bit words
const USED = 1
const STARTED = 1 // among the 64-bit floats: behind both words
const WINDOW_MS = 60_000

/** @returns a function that says whether one more request is allowed, and counts it if so */
export function rateLimit(dsm, limit) {
  const { segment } = dsm.getOrCreate('rate-limit', 16) // whoever comes first makes it, zeroed
  const words = new Int32Array(segment.buffer)
  const times = new Float64Array(segment.buffer)
  const lock = dsm.lock(words, LOCK)
  return () =>
    lock.run(() => {
      const now = Date.now()
      if (now - times[STARTED] >= WINDOW_MS) {
        times[STARTED] = now
        words[USED] = 0
      }
      if (words[USED] >= limit) return false
      words[USED] += 1
      return true
    })
}
