/** Paths that some process has open or mapped, as far as we may look. */
export function pathsInUse(): Set<string>
