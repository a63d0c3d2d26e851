/**
 * Rendered pages, kept by all workers together in one segment: a fixed number of places, each for
 * one page; when all are taken, the page that was not asked for the longest gives way (LRU).
 * It renders nothing. What a worker killed in the middle of a change leaves is thrown away: it is
 * only a cache.
 */
const PLACE_BYTES = 4096
const PLACE_WORDS = PLACE_BYTES / 4
const HEAD_BYTES = 16 // of a place: when last used, bytes of url, bytes of page
const USED = 0 // 0: empty
const URL_BYTES = 1
const PAGE_BYTES = 2
const LOCK = 0 // words of the header, which takes the room of one place
const NOW = 1
const EVICTED = 2

export class PageCache {
  static sizeOf = places => (places + 1) * PLACE_BYTES
  #bytes
  #words
  #lock
  #places

  constructor(dsm, segment) {
    this.#bytes = Buffer.from(segment.buffer)
    this.#words = new Int32Array(segment.buffer)
    this.#lock = dsm.lock(this.#words, LOCK)
    const count = segment.size / PLACE_BYTES - 1
    this.#places = Array.from({ length: count }, (_, index) => (index + 1) * PLACE_WORDS)
  }

  get evicted() {
    return this.#words[EVICTED]
  }

  /** @returns the page, or null */
  get(url) {
    return this.#run(() => {
      const place = this.#places.find(each => this.#urlAt(each) === url)
      if (place === undefined) return null
      this.#words[place + USED] = ++this.#words[NOW]
      return this.#text(place, this.#words[place + URL_BYTES], this.#words[place + PAGE_BYTES])
    })
  }

  /** A page that is too long for a place is not kept. */
  set(url, page) {
    const urlBytes = Buffer.byteLength(url)
    const pageBytes = Buffer.byteLength(page)
    if (HEAD_BYTES + urlBytes + pageBytes > PLACE_BYTES) return
    this.#run(() => {
      const place = this.#placeFor(url)
      this.#bytes.write(url + page, place * 4 + HEAD_BYTES)
      this.#words[place + URL_BYTES] = urlBytes
      this.#words[place + PAGE_BYTES] = pageBytes
      this.#words[place + USED] = ++this.#words[NOW]
    })
  }

  /** Its own place, an empty one, or that of the page not asked for the longest. */
  #placeFor(url) {
    const used = place => this.#words[place + USED]
    const own = this.#places.find(place => this.#urlAt(place) === url)
    if (own !== undefined) return own
    const oldest = this.#places.reduce((a, b) => (used(b) < used(a) ? b : a))
    if (used(oldest) !== 0) this.#words[EVICTED] += 1
    return oldest
  }

  #urlAt(place) {
    return this.#words[place + USED] === 0
      ? null
      : this.#text(place, 0, this.#words[place + URL_BYTES])
  }

  #text(place, from, length) {
    const start = place * 4 + HEAD_BYTES + from
    return this.#bytes.toString('utf8', start, start + length)
  }

  #run(change) {
    return this.#lock.run(recovered => {
      if (recovered) for (const place of this.#places) this.#words[place + USED] = 0
      return change()
    })
  }
}
