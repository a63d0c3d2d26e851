/**
 * One judge at a time on a machine: two clones may be tested at once, and what is left of one is
 * told from what the other is using by nothing but time. An abstract socket is the lock, as it goes
 * with whoever holds it and leaves no file.
 */
import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for its turn. Closing the result gives it on. */
export async function takeTurn(name: string): Promise<Server> {
  for (;;) {
    const server = await listening(`\0${name}`)
    if (server !== null) return server
    await sleep(50)
  }
}

/** null: somebody else does. */
function listening(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null)
      else reject(error)
    })
    server.listen(path, () => resolve(server))
  })
}
