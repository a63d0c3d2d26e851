/**
 * Tokens: who owns a lock, in one positive int32, `generation << 10 | member + 1`.
 * A member is a place in some table of at most 1,023; its generation goes up with each newcomer in
 * that place, so that a token names one incarnation and never a successor. 0 is nobody.
 * Not here: who is alive. That is asked of a `DeathOracle`.
 */

export const MEMBER_MAX = 1022
/** Generations before a place begins again at 0. */
export const GENERATION_MAX = 0x1f_ffff

const MEMBER_MASK = 0x3ff
const GENERATION_SHIFT = 10

/** Of one incarnation of a member. */
export const tokenOf = (member: number, generation: number): number =>
  ((generation & GENERATION_MAX) << GENERATION_SHIFT) | (member + 1)

/** -1 for a token that nobody can have (its member field is 0). */
export const memberOf = (token: number): number => (token & MEMBER_MASK) - 1

/** Which newcomer in that place it is. */
export const generationOf = (token: number): number => (token >> GENERATION_SHIFT) & GENERATION_MAX

/**
 * The byte of a member file that an incarnation holds while it lives: generation · 2^10 + member.
 * `LockFile.heldIn` computes the same.
 */
export const byteOf = (token: number): number => token - 1

/** The same member, one generation earlier: dead by definition while the member's entry is ours. */
export const predecessorOf = (token: number): number =>
  tokenOf(memberOf(token), generationOf(token) - 1)
