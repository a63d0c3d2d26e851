/** For the compiler: `#include "dsm/…"`. */
export declare const includeDir: string

/** How an addon was compiled: released, with debug symbols, or under sanitizers. */
export type BuildKind = 'release' | 'debug' | 'address' | 'undefined' | 'all'

/** The root of one kind of build: `build/Release/<name>.node` is below it. */
export declare function buildTree(packageDir: string, kind?: BuildKind): string

/**
 * Name of the environment variable that makes `load` take the addon of one package from another
 * tree: set it to a `buildTree`, and a sanitized build is under test.
 */
export declare function treeVariable(packageName: string): string

/**
 * Loads the addon of the package in `packageDir`: its own build, else a prebuilt one.
 * @throws Error with code DSM_ADDON_MISSING, saying what to run, if there is none for this machine.
 */
export declare function load<Addon>(packageDir: string): Addon
