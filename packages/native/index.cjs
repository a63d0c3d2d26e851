/**
 * Where the headers are, where a build goes, and how a package loads its addon.
 * CommonJS on purpose: `__dirname` and `require` are right in any directory, also one with `#`,
 * `%` or blanks in its name, where URLs go wrong. No system call and no policy is here.
 */
'use strict'
const { createRequire } = require('node:module')
const { join } = require('node:path')

/** For the compiler: `#include "dsm/…"`. */
exports.includeDir = join(__dirname, 'include')

/** The root of one kind of build: `build/Release/<name>.node` is below it. */
exports.buildTree = (packageDir, kind = 'release') =>
  kind === 'release' ? packageDir : join(packageDir, 'build', kind)

/** The variable by which another tree is chosen for one package, as node-gyp-build reads it. */
exports.treeVariable = packageName => `${packageName.toUpperCase().replaceAll('-', '_')}_PREBUILD`

/**
 * Loads the addon of the package in `packageDir`: its own build, else a prebuilt one.
 * @throws Error DSM_ADDON_MISSING, saying what to run, if there is none for this machine, or only
 * one that was made for another C library.
 */
exports.load = packageDir => {
  // node-gyp-build is a dependency of the package that has the addon, and is looked up from there.
  const find = createRequire(join(packageDir, 'package.json'))
  const { name } = find('./package.json')
  try {
    return find(find('node-gyp-build').resolve(packageDir))
  } catch (cause) {
    throw missing(name, packageDir, cause)
  }
}

function missing(name, packageDir, cause) {
  const refused = cause.code === 'ERR_DLOPEN_FAILED' ? ` that loads (${cause.message})` : ''
  const message =
    `${name} has no compiled addon for ${process.platform}-${process.arch}${refused}. ` +
    `To compile it, run "npx dsm-native-build" in ${packageDir} (needs a C++17 compiler)`
  return Object.assign(new Error(message, { cause }), { code: 'DSM_ADDON_MISSING' })
}
