/** Cases 27 to 50: making segments, and the main region. */
import type { Case } from '../case.js'

const SLOT_FIRST = 'The slot is taken before the object is made, so there is no object to remove.'

export const create: readonly Case[] = [
  {
    number: 27,
    does: 'The first segment is slot 0, refcnt 2, not pinned; nitems is 1.',
    differs: 'nitems is maxitems, as in case 1.',
  },
  {
    number: 28,
    does: 'The first free slot is used again.',
    differs: 'The slot that is free longest, so that a stale handle long names nobody.',
  },
  {
    number: 29,
    does: 'All slots taken: an error; the object is removed, list and owner are as before.',
    differs: SLOT_FIRST,
  },
  {
    number: 30,
    does: 'The same with the flag: null, and no error.',
    differs: SLOT_FIRST,
  },
  { number: 31, does: 'All slots taken: the main region has its pages and its longest run.' },
  { number: 32, does: 'nitems is maxitems, but a slot is free: create succeeds.' },
  {
    number: 33,
    does: 'A removal that fails while slots run out: a warning, and the error all the same.',
    differs: SLOT_FIRST,
  },
  { number: 34, does: 'A new segment of 1 MiB is 1,048,576 bytes of 0.' },
  { number: 35, does: 'Of 5,000 bytes creator and attacher see 5,000.' },
  {
    number: 36,
    does: 'Size 0 is the mechanism’s error; nothing is left after the owner’s release.',
    differs: 'A RangeError before anything is touched.',
  },
  { number: 37, does: 'The handles of 10,000 creates are even, not 0, and have 32 bits.' },
  { number: 38, does: 'A create that throws leaves no descriptor and no reference.' },
  { number: 39, does: 'Nobody can attach an object that is not whole yet.' },
  { number: 40, does: 'No room in the owner: create throws before anything shared is touched.' },
  {
    number: 41,
    does: 'Killed between object and slot: the object stays for ever (not a mapped file).',
    differs:
      'The slot names the object before it is made: a living member’s sweep removes it, or the ' +
      'next open.',
  },
  { number: 42, does: 'Without a main region all handles are even.' },
  { number: 43, does: '1 MiB has 255 pages: a create of 255 is odd, one of 256 is even.' },
  {
    number: 44,
    does: '5,000 bytes of the main region are 8,192, inside of it.',
    differs: '5,000, in a mapping of their own, so that detaching is as safe as anywhere.',
  },
  {
    number: 45,
    does: 'Pages used again show the bytes of before.',
    differs: 'They are zeroed.',
  },
  {
    number: 46,
    does: 'Attaching a segment of the main region asks nothing of the mechanism.',
    differs: 'Nor here, until buffer is first used: that makes the mapping of case 44.',
  },
  { number: 47, does: 'The last detach gives the pages and the slot back.' },
  { number: 48, does: 'A full region: creates succeed with objects of their own.' },
  {
    number: 49,
    does: 'Two slots of 674 can have one handle: 1 and 513 both 0xc03.',
    differs: 'The counter begins one bit higher, behind all bits of the slot: none can.',
  },
  { number: 50, does: 'Pinning a segment of the main region asks nothing of the mechanism.' },
]
