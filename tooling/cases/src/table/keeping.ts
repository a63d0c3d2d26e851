/** Cases 76 to 96: pins, resource owners, and the end of a process. */
import type { Case } from '../case.js'

export const keeping: readonly Case[] = [
  { number: 76, does: 'Pinned and detached by all: refcnt 2, and it can be attached again.' },
  { number: 77, does: 'Pinning twice is an error that changes nothing; the lock is free.' },
  { number: 78, does: 'Unpinned while others are attached, it lives on.' },
  { number: 79, does: 'Unpinned by somebody not attached, as the last reference, it goes.' },
  { number: 80, does: 'Unpinning the unknown and the unpinned are two errors.' },
  {
    number: 81,
    does: 'A dying slot before a pinned one of the same handle: the pinned one is unpinned.',
    differs: 'Two slots never share a handle, as in case 56.',
  },
  { number: 82, does: 'Pin, unpin, pin is allowed.' },
  {
    number: 83,
    does: 'An unpin whose removal fails: a warning, and the slot stays dying.',
    differs: 'Until the next sweep, as in case 62.',
  },
  { number: 84, does: 'A pinned mapping survives its owner; pinning it twice is harmless.' },
  { number: 85, does: 'Unpinned under another owner, that one detaches it.' },
  { number: 86, does: 'Without a current owner a new segment is as one with a pinned mapping.' },
  { number: 87, does: 'Left at commit: one warning that names it, and it is detached.' },
  { number: 88, does: 'Left at abort: detached in silence.' },
  { number: 89, does: 'A child’s segments are released before its parent’s.' },
  { number: 90, does: 'At a child’s commit its segment is detached, not handed on.' },
  { number: 91, does: '100 under one owner can be forgotten in any order.' },
  {
    number: 92,
    does: 'Enlarging or forgetting after the release began is an error (PostgreSQL 17).',
    differs:
      'A callback may forget the one resource that is being released, so that detaching it by ' +
      'hand is no error; one that throws leaves it held, for the next release.',
  },
  {
    number: 93,
    does: 'Exit: one list newest first, then segments, then two more lists newest first.',
    differs:
      'Node has one list of exit listeners, called in the order of registering; segments come ' +
      'where openDsm was first called, newest first. What must come before has beforeExit.',
  },
  {
    number: 94,
    does: 'A callback that throws at exit: all others run, then the later lists; the code tells.',
  },
  {
    number: 95,
    does: 'The 21st registration in one of those lists ends the process.',
    differs: 'There is no fixed list.',
  },
  {
    number: 96,
    does: 'A lock inside a segment is released before the segment is unmapped at exit.',
    differs:
      'It is left, and whoever takes it next is told that its owner died holding it: what the ' +
      'lock guarded may be half done.',
  },
]
