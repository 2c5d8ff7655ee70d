import type { CallOptions, NamenodeProxy } from '../namenode/namenode-proxy.ts'
import { Dirent } from './dirent.ts'
import { type ListingPage, listingPage } from './listing.ts'
import { entryName } from './stats.ts'

/**
 * A directory being read page by page, like `fs.Dir`. The NameNode keeps no cursor: a page starts after the last
 * name of the one before, so entries that come and go meanwhile may or may not be seen, and no entry is seen twice.
 */
export class Dir {
  /** The directory's path. */
  readonly path: string
  readonly #namenode: NamenodeProxy
  readonly #options: CallOptions | undefined
  #page: ListingPage
  /** The page after this one, asked for while this one is read: a long listing then never waits for its reader. */
  #ahead: Promise<ListingPage> | undefined
  #index = 0
  #closed = false

  /** Made by `opendir`, which has the first page. */
  constructor(namenode: NamenodeProxy, path: string, first: ListingPage, options: CallOptions | undefined) {
    this.#namenode = namenode
    this.path = path
    this.#page = first
    this.#options = options
  }

  /** The next entry, null after the last. */
  async read(): Promise<Dirent | null> {
    if (this.#closed) throw new Error('read a directory: it is closed')
    while (this.#index >= this.#page.entries.length) {
      if (this.#page.next === undefined) return null
      await this.#turn(this.#page.next)
    }
    return this.#take()
  }

  /** Takes an entry of this page. The first one taken shows that somebody reads on. */
  #take(): Dirent {
    if (this.#page.next !== undefined) this.#ahead ??= this.#ask(this.#page.next)
    const status = this.#page.entries[this.#index]!
    this.#index += 1
    return new Dirent(entryName(status), this.path, status)
  }

  async #turn(startAfter: Uint8Array): Promise<void> {
    const page = this.#ahead ?? this.#ask(startAfter)
    this.#ahead = undefined
    this.#page = await page
    this.#index = 0
  }

  #ask(startAfter: Uint8Array): Promise<ListingPage> {
    const page = listingPage(this.#namenode, this.path, startAfter, 'scandir', this.#options)
    page.catch(() => {
      // Whoever turns the page is told; a reader that stops before never needs to know.
    })
    return page
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Dirent> {
    try {
      for (;;) {
        const entry = await this.read()
        if (entry === null) return
        yield entry
        // What is here needs no waiting.
        while (!this.#closed && this.#index < this.#page.entries.length) yield this.#take()
      }
    } finally {
      this.#closed = true
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
  }
}

/** Opens a directory: ENOENT and ENOTDIR come at once, with the first page. */
export async function opendir(namenode: NamenodeProxy, path: string, options?: CallOptions): Promise<Dir> {
  const first = await listingPage(namenode, path, undefined, 'opendir', options)
  return new Dir(namenode, path, first, options)
}
