/** Phrases side by side, on as many lines as they need. A phrase is cut only if it is too long. */
import stringWidth from 'string-width'

export function wrap(phrases: readonly string[], width: number, between = '  '): string[] {
  const lines: string[] = []
  let line = ''
  for (const phrase of phrases) {
    const longer = line === '' ? phrase : line + between + phrase
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line)
      line = phrase
    } else {
      line = longer
    }
  }
  return line === '' ? lines : [...lines, line]
}
