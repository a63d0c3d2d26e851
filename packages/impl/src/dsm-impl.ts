/**
 * The contract of a shared memory mechanism (seed: dsm_impl_op, taken apart into methods).
 *
 * What it is. A `DsmImpl` is one mechanism of an operating system, chosen and configured: POSIX
 * shared memory, System V segments, mapped files. It knows names and system calls. It knows nothing
 * of reference counts, owners, locks or members; those live in `@dsm/control`, which records a name
 * before it asks for the object, so that a process killed at any instruction leaves nothing that
 * nobody knows of.
 *
 * What an implementation promises, operation by operation:
 *
 * - `create` makes the object, allocates every byte of it, and maps it. It returns null if, and
 *   only if, the name is taken, by whomever: then nothing was touched and the caller draws another
 *   handle. Every other failure throws a DsmError and leaves nothing behind: no name, no memory, no
 *   descriptor. A full file system is DSM_NO_SPACE here, never a signal at the first store later.
 * - `attach` maps a whole existing object that is ours: same owner, private mode, the right kind,
 *   exactly `size` bytes. Anything else under that name is DSM_FOREIGN, absent is DSM_NOT_FOUND;
 *   nothing is mapped then. It never creates.
 * - `destroy` removes the name, whether mapped or not. Later `attach` and `create` of the handle
 *   see a free name; mappings that exist go on. The memory is given back off this thread, after the
 *   last mapping. An absent name is success, as a removal may be repeated after a crash. A foreign
 *   object is never removed: without evidence it must be ours as `attach` understands it, with
 *   evidence it must be the very object that the evidence describes; otherwise `destroy` returns
 *   false. Evidence recorded in the same instant as the making passes, whatever the clock's grain.
 * - `createAsync` makes the name before it returns and runs nothing but the allocation elsewhere.
 *   Aborted, it removes what it made and rejects with AbortError.
 * - `mapping.part` maps a page-aligned part of a mapping a second time, with a buffer and a detach
 *   of its own. After `detach` it is DSM_DETACHED; a part of a part counts from that part.
 * - `mapping.detach` makes every view of the buffer empty and gives the memory back at once. Using
 *   an old view afterwards is harmless, whatever thread still works on it.
 *
 * Names follow from (scope, handle) and nothing else: two processes with the same scope reach the
 * same objects; with `supports.ownsNames` two scopes never meet. Handles given to an implementation
 * are even (an odd one has no object) and not 0. Arguments are checked by `defineImpl`, once,
 * before anything is touched.
 */

export type DsmImplKind = 'posix' | 'sysv' | 'mmap' | (string & {})

/**
 * Where one life of one group keeps its objects. Plain data that survives JSON: it is stored in the
 * group's state file, and joiners and cleaners use the creator's names, not their own options.
 */
export interface DsmScope {
  /** The group's directory: absolute, 0700, ours. An implementation may keep files of its own below
   * `options.dir`, never here. */
  readonly dir: string
  /** 13 characters of [a-z2-7]: 65 random bits, different in each life. */
  readonly nonce: string
  /** The creator's `DsmImpl.options`. */
  readonly options: Readonly<Record<string, string>>
}

/** What the conformance suite, and nothing else, skips by. */
export interface DsmSupports {
  /** Objects can be reached by other processes. */
  readonly crossProcess: boolean
  /** `enumerate` exists and lists every object of the scope. */
  readonly enumerate: boolean
  /** Names carry the nonce: whatever `enumerate` lists is ours and may be swept. */
  readonly ownsNames: boolean
  /** Objects are still there after a reboot of the machine, for the next one to remove. */
  readonly survivesReboot: boolean
}

/** A mechanism, chosen and configured, tied to no group. Immutable, holds no descriptor. */
export interface DsmImpl {
  /** `@dsm/impl-<kind>` is where a cleaner looks for it. */
  readonly kind: DsmImplKind
  /** The version of this contract. `openDsm` refuses another: DSM_IMPL_MISMATCH. */
  readonly contract: 1
  /** Only what decides names: `namePrefix`, `dir`. */
  readonly options: Readonly<Record<string, string>>
  readonly supports: DsmSupports
  /** Bytes: the smaller of the mechanism's limit and that of this Node's ArrayBuffer. */
  readonly sizeMax: number
  /** Binds to the names of one scope; creates nothing. */
  open(scope: DsmScope): DsmNamespace
}

/** What a cleaner knows of an object whose maker is gone. */
export interface DsmEvidence {
  /** The recorded `DsmMapping.identity`; 0 if the maker died before it could record one. */
  readonly identity: number
  /** Bytes it was to have. An object of 0 bytes passes too: its maker died before sizing it. */
  readonly size: number
  /** Unix time in milliseconds at which the making was recorded; an older object is not it. */
  readonly recordedAtMs: number
  /** The maker's process id, in its own PID namespace. */
  readonly creatorPid: number
}

/** The objects of one scope in one mechanism. */
export interface DsmNamespace {
  readonly impl: DsmImpl
  readonly scope: DsmScope
  /** What other programs open: `/dsm.<nonce>.<handle>`, a path, a key in hexadecimal. */
  osName(handle: number): string
  /**
   * True if two handles would name one object. Without it, only equal handles do.
   * (System V keys: h and 2^32 - h are one key.)
   */
  sameName?(handle: number, other: number): boolean
  /** null: the name is taken. Throws DSM_NO_SPACE, DSM_NO_MEMORY, DSM_ACCESS, DSM_IO, … */
  create(handle: number, size: number): DsmMapping | null
  /** As `create`; the name is made before this returns. Rejects with AbortError when aborted. */
  createAsync(
    handle: number,
    size: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<DsmMapping | null>
  /** Throws DSM_NOT_FOUND, DSM_FOREIGN, DSM_NO_MEMORY, … */
  attach(handle: number, size: number): DsmMapping
  /** True: the name is free now. False: something that is not ours bears it, untouched. */
  destroy(handle: number, evidence?: DsmEvidence): boolean
  /** Present if, and only if, `supports.enumerate`: the handles of every object of the scope. */
  enumerate?(): number[]
  /** For mechanisms whose objects die with their last mapping: keeps one alive; the token is
   * stored beside the slot. */
  pin?(handle: number): bigint
  /** Ends what `pin` began. */
  unpin?(handle: number, token: bigint): void
  /** Descriptors and caches go, and an empty directory made for this scope; mappings stay. */
  close(): void
}

/** This process's view of one object. */
export interface DsmMapping {
  /** Bytes, exactly as given to `create` or `attach`. */
  readonly size: number
  /** Tells this object from any other that ever bore its name: inode or shmid, a positive safe
   * integer. A part has its parent's. */
  readonly identity: number
  /** The whole mapping. Made on first use, the same object ever after. Throws DSM_DETACHED if first
   * asked for after `detach`; one made before has length 0 then. */
  readonly buffer: ArrayBuffer
  /** A second mapping of bytes [offset, offset + size); offset a multiple of the page size. */
  part(offset: number, size: number): DsmMapping
  /** Idempotent. Never throws; see the head of this file. */
  detach(): void
}
