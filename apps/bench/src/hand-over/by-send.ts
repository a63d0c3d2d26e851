/** Node's own: the bytes themselves by `process.send`, with advanced serialisation. */
import { FIRST_BYTE, nothing, type Way } from './way.js'

export const bySend: Way = {
  name: 'process.send, advanced',
  give: size => ({
    word: '',
    message: new Uint8Array(size).fill(FIRST_BYTE),
    close: nothing,
  }),
  take: () => ({
    take: bytes => ({ bytes: bytes as Uint8Array, done: nothing }),
    close: nothing,
  }),
}
