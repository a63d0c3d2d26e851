/** Numbers and names as people read them. What others wrote is made harmless for a terminal. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `1.5 MiB`; whole numbers of bytes, and of anything above 100. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** `1,234`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US')

/** `3 members`, `1 member`. */
export const plural = (count: number, word: string): string =>
  `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`

/** `2 d`, `3 h`, `5 min`, `7 s`: since then. */
export function formatAge(since: Date | string | null, now: number = Date.now()): string {
  const from = since === null ? Number.NaN : new Date(since).getTime()
  const seconds = Math.max(0, Math.floor((now - from) / 1000))
  if (Number.isNaN(seconds)) return '?'
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

export const formatHandle = (handle: number): string => String(handle)

/** Without characters that move the cursor or change what was written before. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
