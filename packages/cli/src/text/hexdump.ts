/** Bytes as `hexdump -C` shows them; lines that repeat the one before are one star. */

const PER_LINE = 16

export function hexdump(bytes: Uint8Array, offset: number): string {
  const lines: string[] = []
  let before = ''
  let starred = false
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const line = bytes.subarray(at, at + PER_LINE)
    const hex = [...line].map(byte => byte.toString(16).padStart(2, '0'))
    const repeats = hex.join('') === before && at + PER_LINE < bytes.length
    before = hex.join('')
    if (repeats) {
      if (!starred) lines.push('*')
      starred = true
      continue
    }
    starred = false
    const halves = [hex.slice(0, 8), hex.slice(8)].map(half => half.join(' ').padEnd(23))
    const text = [...line].map(byte => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.'))
    lines.push(`${address(offset + at)}  ${halves.join('  ')}  |${text.join('')}|`)
  }
  lines.push(address(offset + bytes.length))
  return `${lines.join('\n')}\n`
}

const address = (offset: number): string => offset.toString(16).padStart(8, '0')
