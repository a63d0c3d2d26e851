/** Cases 1 to 26: the control segment, its beginning and its end. */
import type { Case } from '../case.js'

const BY_NAME =
  'Nothing is read from it, as in PostgreSQL; but the names of a life carry its nonce, so its ' +
  'objects are found by name and removed, and the control segment too. Where names carry none ' +
  '(System V keys, PostgreSQL’s own prefix) only the control segment goes.'

export const startup: readonly Case[] = [
  {
    number: 1,
    does: '122 processes make 674 slots: 26,976 bytes, header magic, 0, 674.',
    differs:
      'nitems is maxitems from the start, so that no store of a create can be cut off from it; ' +
      'our own part follows behind these bytes. The default is 64 members.',
  },
  {
    number: 2,
    does: 'A server without other processes has 64 slots in 2,576 bytes.',
    differs: 'The rule is the same, but a group has at least one member: 0 is a RangeError.',
  },
  {
    number: 3,
    does: 'A random handle of 0 is drawn again; random bits 5 make handle 10.',
    differs:
      'Bits 0 make handle 2, so that nothing need be drawn twice under the lock; for the control ' +
      'segment 0 is never drawn.',
  },
  { number: 4, does: 'A name of the control segment that is taken is drawn again, silently.' },
  { number: 5, does: 'No space for the control segment: the start fails and leaves no object.' },
  {
    number: 6,
    does: 'After the start the shim names the control handle, even and not 0.',
    differs:
      'The group’s state file stands for the shim, and names the handle before the object is ' +
      'made, so that a kill in between leaves nothing unnamed.',
  },
  { number: 7, does: 'After a clean stop the control segment is gone, and nothing names it.' },
  { number: 8, does: 'A clean stop removes pinned segments and those only dead processes had.' },
  { number: 9, does: 'At a stop nothing is removed for slots of the main region.' },
  {
    number: 10,
    does: 'A dying slot whose object is gone: one message, and the stop goes on.',
    differs: 'No message: what was to be removed is gone.',
  },
  {
    number: 11,
    does: 'Magic overwritten: the stop says so once and removes nothing.',
    differs: BY_NAME,
  },
  { number: 12, does: 'nitems above maxitems: as 11.', differs: 'As 11.' },
  { number: 13, does: 'maxitems beyond the mapping: as 11.', differs: 'As 11.' },
  { number: 14, does: 'A mapping of 15 bytes is insane without its header being read.' },
  { number: 15, does: 'A mapping longer than needed is sane.' },
  {
    number: 16,
    does: 'After a kill the next start removes two pinned segments and the old control segment.',
  },
  {
    number: 17,
    does: 'An old control segment that is missing is a debug message and no obstacle.',
    differs: 'No message; and objects that bear the nonce of that life are removed all the same.',
  },
  {
    number: 18,
    does: 'An insane old control segment is unmapped, not walked, and left there.',
    differs: BY_NAME,
  },
  { number: 19, does: 'A free old slot removes nothing, whatever bears its stale handle.' },
  { number: 20, does: 'One removal that fails keeps no other from being tried.' },
  {
    number: 21,
    does: 'Mapped files: every “mmap.…” goes at the start, other names stay.',
    differs:
      'Files lie in a directory of their life under the bare handle; only what a handle could be ' +
      'the name of is removed, “mmap.junk” is not.',
  },
  {
    number: 22,
    does: 'Mapped files: an entry that cannot be removed makes the start fail.',
    differs: 'A warning: something foreign under one name need not keep everybody out.',
  },
  {
    number: 23,
    does: 'Mapped files: without their directory the start fails.',
    differs: 'The directory is made when the first file is; without one nothing is left to clean.',
  },
  {
    number: 24,
    does: 'A child maps the control segment once, at its first create or attach.',
    differs: 'Once, in openDsm: a member is in the group from then on.',
  },
  {
    number: 25,
    does: 'A child that finds the control segment insane ends itself.',
    differs:
      'It begins another life beside the insane one, whose members keep their mappings; nobody ' +
      'is ended.',
  },
  {
    number: 26,
    does: 'After a crash of one process everything is removed and begun anew.',
    differs:
      'The others go on and take back what the dead one had; only when all are dead does the ' +
      'next open remove everything and draw another control handle.',
  },
]
