/**
 * The one tsup configuration of the published packages: ESM and CommonJS with types for both.
 * Kept in one place so that a later change of bundler touches one file.
 */
export const library = (entry = ['src/index.ts']) => ({
  entry,
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node20',
  shims: true,
})
