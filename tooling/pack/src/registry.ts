/**
 * A package registry on the loopback interface, in memory: what a release publishes to, and what
 * fresh projects install from. It has the three requests that npm and pnpm make for that, no users
 * and no search. What it does not have, it does not fetch from anywhere: nothing here needs a net.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Version {
  readonly name: string
  readonly version: string
  readonly dist?: object
}

/** What a publishing client sends. */
interface Publication {
  readonly name: string
  readonly versions: Readonly<Record<string, Version>>
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>
}

export class Registry {
  /** `name@version` of all that was published by a client, in that order. */
  readonly published: string[] = []
  readonly #versions = new Map<string, Map<string, Version>>()
  readonly #tarballs = new Map<string, Buffer>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (request, response) => void this.#answer(request, response))
  }

  static async start(): Promise<Registry> {
    const server = createServer()
    const registry = new Registry(server)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  add(manifest: Version, tarball: Buffer): void {
    const { name, version } = manifest
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
    const url = `${this.url}tarball/${encodeURIComponent(`${name}@${version}`)}.tgz`
    const known = this.#versions.get(name) ?? new Map<string, Version>()
    known.set(version, { ...manifest, dist: { integrity, tarball: url } })
    this.#versions.set(name, known)
    this.#tarballs.set(`${name}@${version}`, tarball)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent((request.url ?? '/').slice(1).replace(/\?.*/, ''))
    if (request.method === 'PUT') return this.#publish(await bodyOf(request), response)
    if (path === '-/published') return send(response, 200, this.published)
    const tarball = this.#tarballs.get(path.replace(/^tarball\/(.*)\.tgz$/, '$1'))
    if (tarball !== undefined) return void response.end(tarball)
    const versions = this.#versions.get(path)
    if (versions === undefined) return send(response, 404, { error: 'not found' })
    const latest = [...versions.keys()].at(-1)
    const all = Object.fromEntries(versions)
    send(response, 200, { name: path, 'dist-tags': { latest }, versions: all })
  }

  #publish(body: string, response: ServerResponse): void {
    const { name, versions, _attachments } = JSON.parse(body) as Publication
    const [manifest] = Object.values(versions)
    const [attachment] = Object.values(_attachments)
    const id = `${name}@${manifest?.version}`
    const taken = this.#tarballs.has(id)
    if (manifest === undefined || attachment === undefined || taken) {
      send(response, taken ? 403 : 400, {})
      return
    }
    this.add(manifest, Buffer.from(attachment.data, 'base64'))
    this.published.push(id)
    send(response, 201, { ok: true })
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
