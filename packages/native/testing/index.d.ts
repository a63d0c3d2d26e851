import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { BuildKind } from '../index.js'

export type Sanitizer = Exclude<BuildKind, 'release' | 'debug'>

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions extends Omit<SpawnOptions, 'env' | 'stdio'> {
  /** Milliseconds after which the program is killed. */
  readonly timeoutMs?: number
  /** Added to this process's own. */
  readonly env?: Record<string, string> | undefined
  readonly onSpawn?: ((child: ChildProcess) => void) | undefined
}

/** Names of the programs in scenarios/. */
export declare const SCENARIOS: readonly string[]

/** Runs a program to its end, or kills it after `timeoutMs`. Never throws for how it ended. */
export declare function run(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<Ended>

/** Runs an ES module given as text. */
export declare function runModule(
  source: string,
  options?: RunOptions & {
    readonly node?: string
    readonly nodeArgs?: readonly string[]
    readonly args?: readonly string[]
  },
): Promise<Ended>

/** Runs one of SCENARIOS over a package's built files. */
export declare function runScenario(options: {
  readonly packageDir: string
  readonly factory: string
  readonly scenario: string
  readonly parameter?: number
  readonly node?: string
  readonly env?: Record<string, string> | undefined
}): Promise<Ended>

/** Whether a scenario ended well: null, or what is wrong. */
export declare function whatWentWrong(scenario: string, ended: Ended): string | null

/** The executable of another Node line, fetched by npx; null where that cannot be had. */
export declare function nodeBinary(major: number): string | null

/**
 * Compiles a package's addon with a sanitizer, unless that was done since its sources last changed.
 * @throws Error with the compiler's words
 */
export declare function compileSanitized(kind: Sanitizer, packageDir: string): void

/** What to set so that a package's addon is taken from a sanitized build; null without one. */
export declare function sanitizerEnvironment(
  kind: Sanitizer,
  packageDir: string,
): Record<string, string> | null

/** A nonce that nobody else has. */
export declare function newNonce(): string

/** A directory of the test's own, 0700. The test removes it. */
export declare function testDirectory(): string

/**
 * Whatever this test's processes left in the system: nothing, if all is well. What the thread pool
 * is just freeing is waited for.
 */
export declare function leftovers(kind?: RegExp): Promise<string[]>

/**
 * What a package's addon asks of the system that loads it: the newest glibc among its symbols, and
 * whether it can ever be unloaded. Null without objdump.
 */
export declare function requirements(
  packageDir: string,
): { readonly glibcMinor: number; readonly staysLoaded: boolean } | null

/** Things that are not ours, as files: each is put at `path` and gives what takes it away again. */
export declare const FOREIGN_FILES: Readonly<
  Record<string, (path: string, size: number) => () => void>
>

/** `test` of vitest, or the like. */
export interface Runner {
  (name: string, body: () => void | Promise<void>): unknown
  skip(name: string, body: () => void | Promise<void>): unknown
}

/** Registers the memory tests of an addon; see memory.js. */
export declare function memoryTests(
  test: Runner,
  options: { readonly packageDir: string; readonly factory: string },
): void

export interface Told {
  readonly pid?: number
  /** What the operation gave, or the fields of the error that it threw. */
  readonly result?: unknown
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly errno?: number
  readonly syscall?: string
  readonly sameMask?: boolean
  readonly descriptorsLeft?: number
  readonly signals?: number
  /** Only if it told nothing. */
  readonly ended?: Ended
}

/** Runs one operation in a process of its own; `prefix` is a command to run it under. */
export declare function runOperation(options: {
  readonly packageDir: string
  readonly factory: string
  readonly factoryOptions?: object
  readonly operation: 'create' | 'createAsync' | 'attach' | 'part' | 'destroy'
  readonly handle: number
  readonly size: number
  readonly nonce: string
  readonly prefix?: readonly string[]
  readonly node?: string
  readonly cwd?: string
  readonly uid?: number
  readonly env?: Record<string, string>
  readonly onSpawn?: (child: ChildProcess) => void
}): Promise<Told>

export declare const isRoot: boolean

/** Why a test that needs a tool cannot run here; null if it can. */
export declare function whyNot(tool: 'strace' | 'unshare' | 'unshare --ipc'): string | null

/** A prefix under which one system call on one of `paths` fails, as strace's `inject` says. */
export declare function injecting(fault: string, ...paths: string[]): string[]

/** A prefix under which a small tmpfs is mounted on a directory, for that program alone. */
export declare function onSmallTmpfs(directory: string, bytes: number): string[]

/** Why no other user can be had for a test, or cannot run this Node on this package; else null. */
export declare function whyNoOtherUser(packageDir: string): string | null
