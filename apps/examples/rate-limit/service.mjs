/**
 * A web service that knows nothing of its siblings but the name that they share. Start as many as
 * you like, by hand or by a process manager. It prints its port.
 */
import { createServer } from 'node:http'
import { openDsm } from '@dsm/core'
import { posix } from '@dsm/impl-posix'
import { rateLimit } from './rate-limit.mjs'

const dsm = openDsm({ name: 'rate-limit', impl: posix() }) // the first one makes the group
const isAllowed = rateLimit(dsm, 100)

const server = createServer((_request, response) => {
  response.statusCode = isAllowed() ? 200 : 429
  response.end()
})
server.listen(Number(process.env.PORT ?? 0), () => console.log(server.address().port))

process.once('SIGTERM', () => server.close(() => dsm.close()))
