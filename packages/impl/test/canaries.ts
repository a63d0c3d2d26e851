/**
 * Mechanisms that break one promise each: which groups of the suite they are sent through, and
 * tests that must notice. What a defect does is in reference*.mjs, under its name.
 */
export interface Canary {
  readonly broken: string
  /** Names of groups, as tests begin. */
  readonly groups: readonly string[]
  /** Tests that must fail. */
  readonly fails: readonly string[]
}

const canary = (broken: string, groups: string, ...fails: string[]): Canary => ({
  broken,
  groups: groups.split(' '),
  fails,
})

const presentation: readonly Canary[] = [
  canary('can be changed', 'factory', 'factory: the mechanism cannot be changed once it is made'),
  canary(
    'is of another contract',
    'factory',
    'factory: the mechanism says what it is, in plain data',
  ),
  canary('forgets its scope', 'factory', 'factory: a namespace knows its mechanism and its scope'),
  canary(
    'unpins only',
    'factory pin close',
    'factory: optional methods are there if, and only if, they are declared',
    'pin: two pins are two tokens, and the last unpin counts',
  ),
  canary(
    'never closes',
    'close',
    'close: every operation is DSM_CLOSED afterwards and does nothing',
    'close: is idempotent',
  ),
  canary('close ends mappings', 'close', 'close: mappings stay, and detach as ever'),
  canary(
    'checks nothing',
    'arguments create createAsync part attach',
    'arguments: create refuses what is no even handle',
    'arguments: destroy refuses what is no even handle',
    'arguments: osName refuses what is no even handle',
    'arguments: create refuses what is no size, on free and on taken names',
    'arguments: attach refuses what is no size',
    'arguments: createAsync rejects for wrong handles, sizes and options',
    'arguments: open refuses what is no scope',
  ),
]

const names: readonly Canary[] = [
  canary(
    'changes its names',
    'names attach foreign',
    'names: osName is the same at every call and in every namespace',
  ),
  canary(
    'has one name for two handles',
    'names',
    'names: two handles share an osName if, and only if, they name one object',
    'names: handles h and 2^32 - h meet only where sameName says so',
  ),
  canary(
    'shares names between scopes',
    'scopes',
    'scopes: one handle in two scopes names two objects',
    'scopes: an object is not found in another scope',
    'scopes: destroy in one scope leaves the other alone',
  ),
  canary(
    'shares nothing between namespaces',
    'factory names create close',
    'factory: namespaces of one scope reach the same objects',
    'create: a new object is there for every namespace of the scope at once',
  ),
  canary(
    'uses its own options',
    'processes deaths shortages',
    'processes: another process reaches our object by the scope alone, and we see it write',
  ),
  canary(
    'writes to scope.dir',
    'factory end',
    'factory: every test has a scope of its own, in a private directory',
    'factory: opening binds to names and creates nothing',
  ),
  canary(
    'enumerate forgets',
    'enumerate names arguments leaks',
    'enumerate: lists every object, mapped or not, in every namespace',
    'enumerate: a destroyed object is not listed, though it is mapped',
  ),
]

const making: readonly Canary[] = [
  canary(
    'adopts',
    'create createAsync',
    'create: a taken name gives null and changes nothing',
    'create: a name is taken though nobody has its object mapped',
    'createAsync: a taken name gives null and changes nothing',
  ),
  canary(
    'looks before it makes',
    'deaths',
    'deaths: of 4 processes that create one name at once, exactly one does',
  ),
  canary(
    'null on any error',
    'shortages',
    'shortages: create without a free descriptor works, or throws and leaves nothing',
    'shortages: create beyond the file size limit works, or throws and leaves nothing',
  ),
  canary(
    'failure leaves the name',
    'shortages',
    'shortages: create beyond the file size limit works, or throws and leaves nothing',
  ),
  canary(
    'rounds the size',
    'create contents createAsync part attach evidence',
    'create: 1 bytes asked for are 1 bytes given',
    'attach: another length than a fresh object has is DSM_FOREIGN',
    'evidence: without identity, the right size, time and maker are enough',
  ),
  canary(
    'does not zero',
    'contents part destroy',
    'contents: a new object is zero in every byte',
    'contents: zero also under a name whose last object was full',
  ),
  canary('names late', 'createAsync end', 'createAsync: the name is taken before it returns'),
  canary(
    'abort leaves the name',
    'createAsync end',
    'createAsync: aborted at once, 4096 bytes leave no name',
    'createAsync: aborted at any moment, it is either whole or gone',
  ),
  canary(
    'abort resolves',
    'createAsync leaks',
    'createAsync: aborted at once, 4096 bytes leave no name',
    'leaks: 1000 aborted createAsync leave nothing',
  ),
  canary(
    'aborts what is done',
    'createAsync',
    'createAsync: an abort after the end changes nothing',
  ),
  canary(
    'works on one createAsync at a time',
    'createAsync',
    'createAsync: many at once are many objects',
  ),
]

const mapping: readonly Canary[] = [
  canary(
    'attach creates',
    'factory scopes create createAsync attach pin shortages',
    'attach: a name never used is DSM_NOT_FOUND, and stays free',
    'attach: a destroyed name is DSM_NOT_FOUND, and stays free',
  ),
  canary(
    'ignores the length',
    'attach',
    'attach: another length than a fresh object has is DSM_FOREIGN',
    'attach: another length than a once destroyed object has is DSM_FOREIGN',
  ),
  canary(
    'maps copies',
    'factory contents createAsync detach part',
    'contents: two mappings see each other write, both ways',
    'contents: Atomics work on 32-bit words',
  ),
  canary(
    'leaves the length',
    'detach part',
    'detach: every view of the buffer has length 0',
    'detach: buffer is one object for life, and has length 0 afterwards',
    'part: detaches alone; parent and other parts go on',
  ),
  canary(
    'gives a buffer after detach',
    'detach',
    'detach: a buffer first asked for afterwards is DSM_DETACHED',
    'detach: a part first asked for afterwards is DSM_DETACHED',
  ),
  canary('detaches once only', 'detach enumerate pin', 'detach: is idempotent'),
  canary(
    'wants its buffer back',
    'detach',
    'detach: does not throw where the buffer was moved away before',
  ),
  canary(
    'detach removes the object',
    'detach create attach pin evidence leaks',
    'detach: does not remove the object',
    'pin: an object that is pinned, where it must be, outlives all mappings',
  ),
  canary(
    'detach empties every mapping',
    'detach part',
    'detach: empties its own buffer while another mapping goes on',
  ),
  canary(
    'part dies with its parent',
    'part',
    'part: survives the detach of its parent and the end of the name',
  ),
  canary(
    'part takes its parent along',
    'part',
    'part: detaches alone; parent and other parts go on',
  ),
  canary(
    'part is a copy',
    'part',
    'part: sees what its parent and other parts write, and they what it writes',
  ),
]

const removing: readonly Canary[] = [
  canary(
    'destroy wants an object',
    'destroy evidence enumerate names contents scopes end',
    'destroy: an absent name is success, however often',
    'evidence: an absent name is success, whatever it should have been',
  ),
  canary(
    'destroy empties mappings',
    'destroy',
    'destroy: frees the name of a mapped object; its mappings go on',
  ),
  canary(
    'ignores evidence',
    'evidence',
    'evidence: an earlier life of the name is not this one',
    'evidence: the identity of another object is not this one',
    'evidence: without identity, 8192 bytes instead of 5000 are not it',
  ),
  canary(
    'ignores the time of making',
    'evidence',
    'evidence: without identity, an object older than the record is not it',
  ),
  canary(
    'identity is the handle',
    'identity evidence',
    'identity: differs in the next life of a name that is still mapped',
    'evidence: an earlier life of the name is not this one',
  ),
  canary(
    'identity is of the mapping',
    'identity',
    'identity: is the same in every mapping of an object, and in its parts',
  ),
  canary(
    'identity is nothing',
    'identity',
    'identity: is a positive safe integer',
    'identity: is that of the object, not of the name',
  ),
  canary(
    'removes foreign',
    'foreign',
    'foreign: a file that others may read is not removed, with evidence or without',
    'foreign: a directory is not removed, with evidence or without',
  ),
  canary(
    'attaches foreign',
    'foreign',
    'foreign: a file that others may read is not attached',
    'foreign: a file that others may read is not removed, with evidence or without',
  ),
  canary(
    'follows links',
    'foreign',
    'foreign: a symbolic link to one of our files is not attached',
  ),
  canary('does not say foreign', 'foreign', 'foreign: a directory is not attached'),
  canary('leaks descriptors', 'leaks', 'leaks: 1000 refused creates and attaches leave nothing'),
  canary(
    'keeps its files open',
    'leaks',
    'leaks: 1000 create, attach, detach, destroy leave nothing',
    'leaks: 1000 namespaces, opened and closed, leave nothing',
  ),
]

export const CANARIES = [...presentation, ...names, ...making, ...mapping, ...removing]
