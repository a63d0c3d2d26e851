/** Widths, colours, and what is no terminal. */
import { spawn, spawnSync } from 'node:child_process'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { processConsole } from '../src/console.js'
import { formatAge, formatBytes, printable } from '../src/text/format.js'
import { hexdump } from '../src/text/hexdump.js'
import { wrap } from '../src/text/wrap.js'
import { dsm, MAIN, spawnDsm, usePlace } from './support/place.js'

const { place } = usePlace()

async function shop() {
  const member = await place().member({
    name: 'shop-with-a-rather-long-name',
    kind: 'posix',
    maxMembers: 4,
    maxSegments: 32,
    mainRegionSize: 1 << 20,
  })
  for (let n = 0; n < 8; n++) {
    await member.call('create', 3000 * (n + 1), { name: `a segment with a long name ${n}` })
  }
  await member.call('create', 1 << 20, { ownObject: true, pin: true, name: '日本語の名前' })
  return 'shop-with-a-rather-long-name'
}

describe('on a screen', () => {
  test.each([40, 80, 200])(
    'of %i columns no line is longer, and none is empty of sense',
    async columns => {
      const name = await shop()
      for (const args of [['ls'], ['ls', name], ['inspect', name], ['top', '--once'], ['doctor']]) {
        for (const colors of [false, true]) {
          const { stdout } = await dsm(args, { columns, colors })
          const long = stdout.split('\n').filter(line => stringWidth(line) > columns)
          // A path cannot be broken.
          const breakable = long.filter(line => /\S \S/.test(line.replace(/^[✓i!✗] /, '')))
          expect(breakable, args.join(' ')).toEqual([])
          expect(stdout.length).toBeGreaterThan(40)
        }
      }
      const narrow = (await dsm(['ls'], { columns })).stdout
      expect(narrow).toContain('live')
      expect(narrow.includes('NAMES')).toBe(columns === 200)
    },
  )

  test('colours come only where they are asked for', async () => {
    const name = await shop()
    for (const args of [['ls'], ['inspect', name], ['top', '--once'], ['doctor']]) {
      expect((await dsm(args)).stdout).not.toContain('\u001b')
      expect((await dsm(args, { colors: true })).stdout).toContain('\u001b[')
    }
  })
})

describe('the environment', () => {
  const stream = (isTTY: boolean, columns = 90) =>
    ({ isTTY, columns, rows: 20, write: () => true }) as unknown as NodeJS.WriteStream
  const seen = (isTTY: boolean, env: Record<string, string>) => {
    const { colors, columns, terminal } = processConsole(stream(isTTY), stream(isTTY), env)
    return { colors: colors.isColorSupported, columns, terminal }
  }

  test('a terminal has colours and a width, a pipe neither; NO_COLOR, COLUMNS and CI are heeded', () => {
    expect(seen(true, {})).toEqual({ colors: true, columns: 90, terminal: true })
    expect(seen(false, {})).toEqual({ colors: false, columns: Infinity, terminal: false })
    expect(seen(false, { CI: '1' }).colors).toBe(false)
    expect(seen(true, { NO_COLOR: '1' }).colors).toBe(false)
    expect(seen(false, { FORCE_COLOR: '1' }).colors).toBe(true)
    expect(seen(true, { NO_COLOR: '1', FORCE_COLOR: '1' }).colors).toBe(false)
    expect(seen(true, { TERM: 'dumb' })).toMatchObject({ colors: false, terminal: false })
    expect(seen(true, { COLUMNS: '40' }).columns).toBe(40)
    expect(seen(false, { COLUMNS: 'many' }).columns).toBe(Infinity)
  })

  test('top is one look where its output is no terminal', async () => {
    await shop()
    const { code, stdout } = spawnDsm(['top'], { COLUMNS: '80' })
    expect(code).toBe(0)
    expect(stdout).toContain('dsm top')
    expect(stdout).not.toContain('\u001b')
  })

  test('a reader that goes away early is no error', async () => {
    const name = await shop()
    const command = `"${process.execPath}" "${MAIN}" ls ${name} | head -n 1`
    const done = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect(done.stderr).toBe('')
    expect(done.stdout.split('\n')).toHaveLength(2)
  })
})

const terminal = spawnSync('script', ['--version'], { timeout: 10_000 }).status === 0
const onTerminal = terminal
  ? test
  : (title: string, _: unknown) => test.skip(`${title} — needs script`, () => {})

/** On a terminal of its own: what it drew, and how it ended. `end` is typed or sent to it. */
async function drawn(end: 'q' | 'SIGTERM'): Promise<{ text: string; code: number }> {
  const command = `stty cols 60 rows 20; exec "${process.execPath}" "${MAIN}" top --interval 0.1`
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm', COLUMNS: '' },
    timeout: 30_000,
  })
  let text = ''
  let asked = false
  child.stdout.on('data', bytes => {
    text += bytes
    if (asked || text.split('dsm top').length < 6) return
    asked = true
    if (end === 'q') child.stdin.write('q')
    else spawnSync('pkill', ['-TERM', '-P', String(child.pid)], { timeout: 5000 })
  })
  const code = await new Promise<number>(resolve =>
    child.on('close', status => resolve(status ?? -1)),
  )
  return { text, code }
}

describe('top on a terminal', () => {
  onTerminal('draws in place, in lines that fit, and gives the screen back at q', async () => {
    await shop()
    const { text, code } = await drawn('q')
    expect(code).toBe(0)
    expect(text).toContain('\u001b[?1049h\u001b[?25l')
    expect(text.trimEnd().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
    const frames = text.split('\u001b[H').slice(1)
    expect(frames.length).toBeGreaterThanOrEqual(5)
    for (const frame of frames.slice(0, -1)) {
      const lines = frame.split('\r\n')
      expect(lines.length).toBeLessThanOrEqual(20)
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(60)
    }
    expect(frames[3]).toMatch(/created 0\/s/)
  })

  onTerminal('gives the screen back when it is asked to end', async () => {
    await shop()
    const { text } = await drawn('SIGTERM')
    expect(text).toContain('\u001b[?25h\u001b[?1049l')
  })
})

describe('text', () => {
  test('sizes and ages are said shortly', () => {
    expect([0, 1023, 1024, 1536, 200 * 1024, 3 * 2 ** 30].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1 KiB',
      '1.5 KiB',
      '200 KiB',
      '3 GiB',
    ])
    const ago = (seconds: number) => formatAge(new Date(1e12 - seconds * 1000), 1e12)
    expect([5, 119, 121, 7300, 200_000].map(ago)).toEqual(['5 s', '119 s', '2 min', '2 h', '2 d'])
    expect(formatAge(new Date(Number.NaN))).toBe('?')
    expect(formatAge(null)).toBe('?')
  })

  test('what others wrote is made harmless', () => {
    expect(printable('a\u001b[2J\nb\u202e')).toBe('a\ufffd[2J\ufffdb\ufffd')
  })

  test('a dump stars what repeats, and says where it ends', () => {
    const bytes = new Uint8Array(70)
    bytes[69] = 65
    expect(
      hexdump(bytes, 16)
        .split('\n')
        .map(line => line.slice(0, 12).trim()),
    ).toEqual(['00000010  00', '*', '00000050  00', '00000056', ''])
    expect(hexdump(bytes, 16)).toContain('|.....A|')
  })

  test('phrases are wrapped where they do not fit', () => {
    expect(wrap(['one', 'two', 'three'], 8)).toEqual(['one  two', 'three'])
    expect(wrap([], 8)).toEqual([])
  })
})
