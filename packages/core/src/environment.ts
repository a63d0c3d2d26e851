/**
 * What is open in this environment (a process's main thread, or one worker thread), and its orderly
 * end: at `process.exit`, at a natural end and after an uncaught error everything open is closed,
 * newest first. SIGTERM and SIGKILL run nothing, so nothing depends on this; no signal handler is
 * installed.
 *
 * It hangs on the global object, so that the ESM and the CommonJS copy of this package agree.
 * Seed: shmem_exit and dsm_backend_shutdown.
 */

/** Something that is closed at exit. */
export interface Closable {
  close(): void
}

interface Environment {
  readonly open: Set<Closable>
  hooked: boolean
}

const KEY = Symbol.for('@dsm/core.v1')

function environment(): Environment {
  const holder = globalThis as { [KEY]?: Environment }
  holder[KEY] ??= { open: new Set(), hooked: false }
  return holder[KEY]
}

/** Closed at the end of this environment unless it is closed before. */
export function closeAtExit(closable: Closable): void {
  const here = environment()
  here.open.add(closable)
  if (here.hooked) return
  here.hooked = true
  process.on('exit', () => closeAll([...here.open].reverse()))
}

/**
 * All of them, whatever their callbacks throw. An error is shown and makes the exit code nonzero,
 * as an uncaught one would; but it is not thrown, as then Node would call no further exit listener.
 */
function closeAll(closables: readonly Closable[]): void {
  for (const closable of closables) {
    try {
      closable.close()
    } catch (error) {
      console.error(error)
      process.exitCode ||= 1
    }
  }
}

export function closedBeforeExit(closable: Closable): void {
  environment().open.delete(closable)
}
