/** Cases 51 to 75: attaching, detaching, and what is called back. */
import type { Case } from '../case.js'

const NO_TWINS =
  'A dying slot’s handle is not drawn until the slot is free, so that no two slots share one.'

export const attach: readonly Case[] = [
  { number: 51, does: 'A second process attaches: refcnt 3, and each sees what the other writes.' },
  { number: 52, does: 'An unknown handle is null, and nothing changes.' },
  {
    number: 53,
    does: 'Handle 0 is null.',
    differs: 'A RangeError: no segment ever has it, so asking for it is a mistake.',
  },
  { number: 54, does: 'Attaching what is attached is an error that changes no count.' },
  { number: 55, does: 'A handle that only a dying slot bears is null.' },
  {
    number: 56,
    does: 'A dying slot before a live one of the same handle: the live one is attached.',
    differs: NO_TWINS,
  },
  {
    number: 57,
    does: 'The object is missing: an error; after the abort refcnt is what it was.',
    differs: 'It is what it was when attach throws; no owner need end first.',
  },
  {
    number: 58,
    does: 'If that was the last reference, the slot is free or dying after the abort.',
    differs: 'When attach throws, as in case 57.',
  },
  { number: 59, does: 'After the last detach the object is gone and attaching is null.' },
  { number: 60, does: 'Another detach lowers refcnt and leaves the object.' },
  { number: 61, does: 'An unmapping that fails: a warning; the reference is given back.' },
  {
    number: 62,
    does: 'A removal that fails: a warning; the slot is dying until the shutdown tries again.',
    differs: 'Until the next sweep of its member, a second later, tries again.',
  },
  {
    number: 63,
    does: 'Stopped between count and removal: nobody gets the name before it is free.',
    differs: `Nor before the slot is free. ${NO_TWINS}`,
  },
  { number: 64, does: 'Callbacks run newest first, each once, while the segment is mapped.' },
  { number: 65, does: 'One that throws: the rest runs at the next detach, what ran does not.' },
  { number: 66, does: 'A callback that registers another: it runs in the same detach.' },
  { number: 67, does: 'Cancelling takes off one of two equal pairs; none there is no error.' },
  { number: 68, does: 'Cancelling (f, x) leaves (f, y).' },
  {
    number: 69,
    does: 'A cancel request during a callback is seen when all callbacks have ended.',
    never:
      'Nothing interrupts JavaScript between two callbacks; signals, aborts and timers are seen ' +
      'when detach has returned.',
  },
  {
    number: 70,
    does: 'After reset_on_dsm_detach a detach unmaps, calls nobody, and lowers no count.',
    differs: 'The count is given back when the member leaves, so that nothing stays counted.',
  },
  { number: 71, does: 'A process that ends detaches the newest first.' },
  {
    number: 72,
    does: 'dsm_detach_all unmaps the control segment too; a second call would fail.',
    differs: 'detachAll keeps the member in the group, and can be called again; close leaves.',
  },
  {
    number: 73,
    does: 'dsm_detach_all where nothing was ever mapped asks nothing of the mechanism.',
    differs: 'Whoever has a Dsm has the control segment; with nothing attached nothing is asked.',
  },
  { number: 74, does: 'find_mapping is null, then the segment, then null again.' },
  {
    number: 75,
    does: 'Of what is detached the handle works; address and length are failed assertions.',
    differs: 'size still tells; buffer is DSM_DETACHED, or has length 0 if it was used before.',
  },
]
