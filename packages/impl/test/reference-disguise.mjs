/**
 * Defects of the reference mechanism that lie in how it presents itself, not in what it does to
 * files: a wrong face over a right mechanism.
 */

/** Overrides of a namespace, by the name of the defect. */
const FACES = {
  'forgets its scope': () => ({ scope: {} }),
  'unpins only': () => ({ unpin() {} }),
  'never closes': () => ({ close() {} }),
  'changes its names': space => {
    let asked = 0
    return { osName: handle => `${space.osName(handle)}#${++asked}` }
  },
  'works on one createAsync at a time': space => {
    let busy = false
    return {
      async createAsync(handle, size, options) {
        if (busy) return null
        busy = true
        return space.createAsync(handle, size, options).finally(() => {
          busy = false
        })
      },
    }
  },
  'aborts what is done': space => ({
    async createAsync(handle, size, options) {
      const mapping = await space.createAsync(handle, size, options)
      options?.signal?.addEventListener('abort', () => space.destroy(handle))
      return mapping
    },
  }),
  'checks nothing': space => ({
    osName: handle => space.osName(even(handle)),
    create: (handle, bytes) => space.create(even(handle), size(bytes)),
    createAsync: async (handle, bytes) => space.createAsync(even(handle), size(bytes)),
    attach: (handle, bytes) => space.attach(even(handle), size(bytes)),
    destroy: (handle, evidence) => space.destroy(even(handle), evidence),
  }),
}

const even = value => Number(value) & 0x7fff_fffe || 2
const size = value => Math.min(Math.max(1, Math.trunc(Number(value)) || 1), 4096)

export function disguised(impl, broken) {
  if (broken === 'can be changed') return { ...impl }
  if (broken === 'is of another contract') return Object.freeze({ ...impl, contract: 2 })
  const face = FACES[broken]
  if (face === undefined) return impl
  const self = Object.freeze({
    ...impl,
    open(scope) {
      const space = openAnyhow(impl, scope, broken)
      return { ...delegated(self, space), ...face(space) }
    },
  })
  return self
}

function openAnyhow(impl, scope, broken) {
  if (broken !== 'checks nothing') return impl.open(scope)
  try {
    return impl.open(scope)
  } catch {
    return impl.open({ dir: '/', nonce: 'aaaaaaaaaaaaa', options: impl.options })
  }
}

const delegated = (impl, space) => ({
  impl,
  scope: space.scope,
  osName: handle => space.osName(handle),
  create: (handle, bytes) => space.create(handle, bytes),
  createAsync: (handle, bytes, options) => space.createAsync(handle, bytes, options),
  attach: (handle, bytes) => space.attach(handle, bytes),
  destroy: (handle, evidence) => space.destroy(handle, evidence),
  enumerate: () => space.enumerate(),
  close: () => space.close(),
})
