/**
 * What a program has drawn on a terminal, as SVG: text with colours, and blocks as boxes so that
 * they touch. It knows the few sequences that `dsm` writes, and no others.
 */
const CELL = { width: 8.4, height: 18 }
const PAD = 20
const BAR = 34
const COLORS = {
  31: '#ff8a8f',
  32: '#6fdc9e',
  33: '#f2c572',
  34: '#7fb2ff',
  35: '#e39bf0',
  36: '#6fd6e0',
}
const BRIGHT = {
  91: '#ff6b72',
  92: '#3ddc84',
  93: '#ffd84d',
  94: '#5b9bff',
  95: '#ff7ce5',
  96: '#37e0f5',
}
const INK = '#e4e7ee'
const FONT =
  "ui-monospace, 'SF Mono', 'JetBrains Mono', Menlo, 'DejaVu Sans Mono', Consolas, monospace"

const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Stretches of one style. */
function stretches(line) {
  const found = []
  let style = {}
  let column = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they begin each sequence
  for (const [, code, text] of line.matchAll(/\u001b\[(\d*)[mK]|([^\u001b]+)/g)) {
    if (text === undefined) style = restyle(style, Number(code || 0))
    else {
      found.push({ text, column, ...style })
      column += [...text].length
    }
  }
  return found
}

function restyle(style, code) {
  if (code === 0) return {}
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 39) return { ...style, color: undefined }
  return { ...style, color: COLORS[code] ?? BRIGHT[code] ?? style.color }
}

function draw({ text, column, bold, dim, color }, row) {
  const x = PAD + column * CELL.width
  const y = BAR + row * CELL.height
  const fill = color ?? INK
  const width = [...text].length * CELL.width
  if (/^█+$/.test(text)) {
    const box = `y="${y + 2}" width="${width.toFixed(1)}" height="${CELL.height - 4}"`
    return `<rect x="${x.toFixed(1)}" ${box} fill="${fill}"/>`
  }
  if (text.trim() === '') return ''
  const look = `${bold ? ' font-weight="700"' : ''}${dim ? ' opacity=".55"' : ''}`
  const size = `textLength="${width.toFixed(1)}" lengthAdjust="spacingAndGlyphs"`
  const where = `x="${x.toFixed(1)}" y="${y + 13.5}" fill="${fill}"`
  return `<text ${where}${look} ${size} xml:space="preserve">${escaped(text)}</text>`
}

/** @param lines as written to the terminal @param title of the window */
export function terminalSvg(lines, title, columns) {
  const width = Math.ceil(columns * CELL.width + 2 * PAD)
  const height = BAR + lines.length * CELL.height + PAD
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, n) => `<circle cx="${PAD + n * 18}" cy="17" r="5.5" fill="${color}"/>`,
  )
  const body = lines.flatMap((line, row) => stretches(line).map(each => draw(each, row)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`,
    `  viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}"`,
    `  font-family="${FONT}" font-size="14">`,
    `<rect width="100%" height="100%" rx="12" fill="#161a22"/>`,
    ...dots,
    `<text x="${width / 2}" y="21" fill="#8d96a8" font-size="12" text-anchor="middle">`,
    `${escaped(title)}</text>`,
    ...body.filter(Boolean),
    '</svg>\n',
  ].join('\n')
}
