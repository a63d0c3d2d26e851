/**
 * A group as one page to look at, in one file: no script, nothing fetched, light and dark, readable
 * without seeing colours. The picture is drawn by `picture.ts`; below it everything is in tables.
 */
import type { GroupSurvey, LifeContent, LifeSurvey } from '@dsm/control'
import { formatBytes, formatCount, plural } from '../text/format.js'
import { element as e, type Markup, raw, text } from './markup.js'
import { PICTURE_STYLE, picture } from './picture.js'
import { PAGE_STYLE } from './style.js'
import { countersTable, membersTable, referencesTable, segmentsTable } from './tables.js'

export function htmlPage(survey: GroupSurvey, at: Date): string {
  const title = `dsm group ${survey.name}`
  const lives = [...survey.lives].reverse()
  const body = [
    header(survey, at),
    e(
      'main',
      {},
      lives.length === 0 ? [e('p', {}, 'This group has no life.')] : lives.map(lifePart),
    ),
    e('footer', {}, 'Drawn by dsm inspect --html. Sizes in bytes, pages of 4,096 bytes.'),
  ]
  const head = [
    raw('<meta charset="utf-8">'),
    raw('<meta name="viewport" content="width=device-width, initial-scale=1">'),
    raw('<meta name="color-scheme" content="light dark">'),
    e('title', {}, title),
    e('style', {}, [raw(PAGE_STYLE + PICTURE_STYLE)]),
  ]
  const page = e('html', { lang: 'en' }, [e('head', {}, head), e('body', {}, body)])
  return `<!doctype html>\n${page}\n`
}

function header({ name, path, lives }: GroupSurvey, at: Date): Markup {
  const state = lives.at(-1)?.state ?? 'empty'
  const when = at.toISOString()
  return e('header', {}, [
    e('p', { class: 'over' }, 'dsm group'),
    e('h1', {}, [text(name), e('span', { class: `chip ${state}` }, state)]),
    e('p', { class: 'path' }, [
      e('code', {}, path),
      text(' seen '),
      e('time', { datetime: when }, `${when.slice(0, 10)} ${when.slice(11, 19)} UTC`),
    ]),
  ])
}

function lifePart(life: LifeSurvey, at: number): Markup {
  const { record, content, problem } = life
  const heading = at === 0 ? `Life ${record.nonce}` : `Older life ${record.nonce}`
  const head = e('h2', {}, [text(heading), e('span', { class: 'kind' }, record.kind)])
  if (content === null) {
    const why = problem?.message ?? 'Nothing of it is left to read.'
    return e('section', {}, [head, e('p', { class: 'problem' }, why)])
  }
  return e('section', {}, [
    head,
    ...remarks(content),
    figures(life, content),
    e('figure', {}, [
      picture(content),
      e(
        'figcaption',
        {},
        'Members on the left, segments on the right, a line for each reference; below, every ' +
          'slot of the control segment and every page of the main region.',
      ),
    ]),
    ...details(content),
  ])
}

function remarks({ settled, lockedBy, shutDown, poisoned }: LifeContent): Markup[] {
  const words = [
    shutDown ? 'It was shut down: nothing new begins in it.' : '',
    poisoned ? 'It is damaged: every operation fails.' : '',
    settled ? '' : 'It was changing while it was read: what follows may not be of one instant.',
    lockedBy === null ? '' : `Member #${lockedBy} had the lock.`,
  ]
  return words.filter(Boolean).map(word => e('p', { class: 'problem' }, word))
}

function figures({ record }: LifeSurvey, content: LifeContent): Markup {
  const { members, segments, maxMembers, maxSegments, mainRegion: region } = content
  const objects = segments.filter(({ kind }) => kind === 'object')
  const bytes = objects.reduce((sum, { size }) => sum + size, record.controlSize)
  const shown: [label: string, value: string, note: string][] = [
    ['Members', formatCount(members.length), `of ${formatCount(maxMembers)}`],
    ['Segments', formatCount(segments.length), `in ${formatCount(maxSegments)} slots`],
    ['Memory', formatBytes(bytes + (region?.size ?? 0)), plural(objects.length, 'object')],
  ]
  if (region !== null) {
    const percent = Math.round((100 * (region.total - region.free)) / Math.max(1, region.total))
    shown.push(['Main region', `${percent} %`, `of ${formatBytes(region.size)} in use`])
  }
  const tiles = shown.map(([label, value, note]) =>
    e('div', { class: 'tile' }, [
      e('dt', {}, label),
      e('dd', {}, [e('strong', {}, value), text(' '), e('span', {}, note)]),
    ]),
  )
  return e('dl', { class: 'tiles' }, tiles)
}

function details(content: LifeContent): Markup[] {
  const part = (title: string, inside: Markup): Markup[] => [e('h3', {}, title), inside]
  return [
    ...part('References', referencesTable(content)),
    ...part('Segments', segmentsTable(content)),
    ...part('Members', membersTable(content)),
    ...part('Since this life began', countersTable(content)),
  ]
}
