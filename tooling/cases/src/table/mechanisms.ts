/** Cases 97 to 112: POSIX shared memory, System V segments, mapped files. */
import type { Case } from '../case.js'

export const mechanisms: readonly Case[] = [
  { number: 97, does: 'A second create of a name: silently nothing, and the first is untouched.' },
  {
    number: 98,
    does: 'Attaching what is missing: false and a message, an exception if so asked.',
    differs: 'There are no levels to ask by: it throws DSM_NOT_FOUND.',
  },
  { number: 99, does: 'An attach that reports EEXIST is an error.' },
  {
    number: 100,
    does: 'An unmapped object is removed by name; once more is a message.',
    differs: 'Once more is success: after a crash a removal may have to be repeated.',
  },
  {
    number: 101,
    does: 'Objects have mode 0600; mapped files 0640 in a server that a group may read.',
    differs: 'Always 0600, and one with another mode is foreign.',
  },
  { number: 102, does: 'A full tmpfs: an error that says so, no name left, no SIGBUS later.' },
  { number: 103, does: 'Signals during allocation: it completes; the signal mask is unchanged.' },
  { number: 104, does: 'Mapping fails: what create made goes, what attach found stays.' },
  { number: 105, does: 'A mapped file of 4 GiB and 8,192 bytes has all its blocks.' },
  {
    number: 106,
    does: 'A short write without an errno is “no space”, and the file is removed.',
    never:
      'Nothing is written to make a file long: posix_fallocate allocates, and its ENOSPC is that ' +
      'error.',
  },
  { number: 107, does: 'System V: h and 2^32 - h are one key; the second create is null.' },
  { number: 108, does: 'System V: handle 2^31 does no harm.' },
  { number: 109, does: 'System V: attach asks for size 0; the length is that of the creation.' },
  { number: 110, does: 'System V: EACCES at create is an error, not a name that is taken.' },
  {
    number: 111,
    does: 'The names of handles 2, 2^31 and 2^32 - 2.',
    differs:
      'System V keys are the same. POSIX names and paths carry the nonce of the life, so that ' +
      'lives never meet; namePrefix: ‘/PostgreSQL.’ gives PostgreSQL’s.',
  },
  {
    number: 112,
    does: 'An unknown type is an error.',
    differs: 'Any kind may come from outside: DSM_IMPL_MISSING says what to install.',
  },
]
