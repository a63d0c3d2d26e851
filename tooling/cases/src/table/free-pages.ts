/** Cases 113 to 124, free pages, and 137, segments by name. */
import type { Case } from '../case.js'

export const freePages: readonly Case[] = [
  { number: 113, does: 'Four sequences give the results, and the bytes, of PostgreSQL’s code.' },
  { number: 114, does: 'Invariants hold through a million random calls, on several seeds.' },
  {
    number: 115,
    does: 'Taking the last run of a root page can lose that page for ever.',
    differs: 'The page becomes free.',
  },
  { number: 116, does: 'A page between two runs makes one run of three.' },
  { number: 117, does: 'Left, right, both and neither, in every shape of tree and across leaves.' },
  { number: 118, does: '128, 129 and 130 pages come from runs of 128, 129 and 200.' },
  { number: 119, does: 'The shortest sufficient long run is taken; an exact one ends the search.' },
  { number: 120, does: 'The cached longest run follows when one of two longest is taken.' },
  { number: 121, does: 'Freeing a recycled page never takes a page.' },
  { number: 122, does: 'A split up to the root finds its pages, or is corruption.' },
  { number: 123, does: 'Bytes copied to another address go on.' },
  { number: 124, does: 'A relative pointer to the base is not null.' },
  {
    number: 137,
    does: 'Two processes race on a name: init runs once; throwing, the next caller runs it.',
    differs: 'A member killed in init is cleaned up and the next caller runs it; names can go.',
  },
]
