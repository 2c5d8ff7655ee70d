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
      this.#page = await listingPage(this.#namenode, this.path, this.#page.next, 'scandir', this.#options)
      this.#index = 0
    }
    const status = this.#page.entries[this.#index]!
    this.#index += 1
    return new Dirent(entryName(status), this.path, status)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Dirent> {
    try {
      for (let entry = await this.read(); entry !== null; entry = await this.read()) yield entry
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
