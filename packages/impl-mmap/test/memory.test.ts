/** What memory of this mechanism survives, here, on other Nodes, and under sanitizers. */
import { fileURLToPath } from 'node:url'
import { memoryTests } from '@dsm/native/testing'
import { test } from 'vitest'

memoryTests(test, { packageDir: fileURLToPath(new URL('..', import.meta.url)), factory: 'mmap' })
