import { setTimeout as delay } from 'node:timers/promises'
import type { FileHandle, HdfsClient } from '@cairn/hdfs-client'
import { patternBytes, type Random, randomInteger } from '@cairn/testkit'

/** Every content is a piece of this: a file knows where its own begins, and appending goes on in it. */
const source = Buffer.from(patternBytes(6 << 20))
const startsMax = 2 << 20
const fileBytesMax = 2_500_000
const chunkBytesMax = 250_000
const filesMax = 12
const settleMs = 60_000

/** A file of the load: which bytes it has for certain, and which it may have. */
interface KnownFile {
  readonly start: number
  /** Acknowledged: by close, or by hsync. */
  least: number
  /** Handed to a write. */
  most: number
  /** Closed as far as this side knows; else its lease is recovered before it is read. */
  closed: boolean
}

/** One client's mixed work in a directory of its own, and what of it must be there afterwards. */
export class CrashLoad {
  readonly #client: HdfsClient
  readonly #root: string
  readonly #random: Random
  readonly #files = new Map<string, KnownFile>()
  readonly #touched = new Set<string>()
  #next = 0
  /** What was acknowledged, by kind. */
  readonly done = { created: 0, synced: 0, appended: 0, renamed: 0, deleted: 0, read: 0, failed: 0 }

  constructor(client: HdfsClient, root: string, random: Random) {
    this.#client = client
    this.#root = root
    this.#random = random
  }

  async prepare(): Promise<void> {
    await this.#client.mkdir(this.#root)
  }

  /** Works until `isOver`. DataNodes may fail any step of it; what was acknowledged is remembered. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const choice = this.#random()
      const settled = [...this.#files].filter(([, file]) => file.closed)
      if (settled.length > 3 && (choice < 0.15 || settled.length > filesMax)) await this.#delete(settled)
      else if (settled.length > 2 && choice < 0.3) await this.#rename(settled)
      else if (settled.length > 1 && choice < 0.45) await this.#append(settled)
      else if (settled.length > 1 && choice < 0.6) await this.#read(settled)
      else if (choice < 0.8) await this.#create()
      else await this.#log(isOver)
    }
  }

  /** Answers what is wrong, nothing where all is well; looks at what was touched, or at everything. */
  async verify(everything: boolean): Promise<string[]> {
    const wrong: string[] = []
    for (const [path, file] of this.#files) {
      if (!everything && !this.#touched.has(path)) continue
      const fault = await this.#fault(path, file)
      if (fault !== undefined) wrong.push(`${path}: ${fault}`)
    }
    this.#touched.clear()
    return wrong
  }

  #new(): [string, KnownFile] {
    const path = `${this.#root}/f${this.#next++}`
    const start = randomInteger(this.#random, startsMax)
    const file = { start, least: 0, most: 0, closed: false }
    this.#files.set(path, file)
    this.#touched.add(path)
    return [path, file]
  }

  #pick(from: readonly [string, KnownFile][]): [string, KnownFile] {
    return from[randomInteger(this.#random, from.length)]!
  }

  async #create(): Promise<void> {
    const [path, file] = this.#new()
    file.most = randomInteger(this.#random, fileBytesMax)
    try {
      await this.#client.writeFile(path, source.subarray(file.start, file.start + file.most))
      file.least = file.most
      file.closed = true
      this.done.created++
    } catch {
      this.done.failed++
    }
  }

  async #append(settled: readonly [string, KnownFile][]): Promise<void> {
    const [path, file] = this.#pick(settled)
    await this.#writeOn(path, file, 'a', () => this.#random() < 0.5)
    if (file.closed) this.done.appended++
  }

  async #log(isOver: () => boolean): Promise<void> {
    const [path, file] = this.#new()
    await this.#writeOn(path, file, 'w', isOver)
  }

  /** Chunk after chunk, each made durable, until `enough`; then it is closed or left open for ever. */
  async #writeOn(path: string, file: KnownFile, flags: 'a' | 'w', enough: () => boolean): Promise<void> {
    this.#touched.add(path)
    file.closed = false
    let handle: FileHandle | undefined
    try {
      handle = await this.#client.open(path, flags)
      do {
        const bytes = 1 + randomInteger(this.#random, chunkBytesMax)
        if (file.most + bytes > fileBytesMax) break
        const from = file.start + file.most
        file.most += bytes
        await handle.write(source, from, bytes)
        await handle.hsync()
        file.least = file.most
        this.done.synced++
      } while (!enough())
      if (this.#random() < 0.3) return await handle.abort()
      await handle.close()
      file.closed = true
    } catch {
      this.done.failed++
      await handle?.abort().catch(() => {})
    }
  }

  async #rename(settled: readonly [string, KnownFile][]): Promise<void> {
    const [path, file] = this.#pick(settled)
    const to = `${this.#root}/r${this.#next++}`
    await this.#client.rename(path, to)
    this.#files.delete(path)
    this.#files.set(to, file)
    this.#touched.add(to)
    this.done.renamed++
  }

  async #delete(settled: readonly [string, KnownFile][]): Promise<void> {
    const [path] = this.#pick(settled)
    await this.#client.rm(path)
    this.#files.delete(path)
    this.done.deleted++
  }

  async #read(settled: readonly [string, KnownFile][]): Promise<void> {
    const [path, file] = this.#pick(settled)
    const bytes = await this.#client.readFile(path).catch(() => undefined)
    // While nodes are down a block may have none; what does come must be right.
    if (bytes === undefined) return
    const fault = difference(file, bytes)
    if (fault !== undefined) throw new Error(`${path} while nodes were killed: ${fault}`)
    this.done.read++
  }

  async #fault(path: string, file: KnownFile): Promise<string | undefined> {
    const giveUpAt = performance.now() + settleMs
    for (;;) {
      try {
        if (!file.closed && file.least === 0 && !(await this.#client.exists(path))) {
          this.#files.delete(path)
          return undefined
        }
        if (file.closed || (await this.#client.recoverLease(path))) {
          const bytes = await this.#client.readFile(path)
          const fault = difference(file, bytes)
          if (fault !== undefined) return fault
          Object.assign(file, { least: bytes.length, most: bytes.length, closed: true })
          return undefined
        }
        if (performance.now() > giveUpAt) return `it is still open after ${settleMs} ms`
      } catch (error) {
        if (performance.now() > giveUpAt) return `it cannot be read: ${String(error)}`
      }
      await delay(500)
    }
  }
}

function difference(file: KnownFile, bytes: Uint8Array): string | undefined {
  const { length } = bytes
  if (length < file.least) return `${length} bytes are left of ${file.least} that were acknowledged`
  if (length > file.most) return `${length} bytes are there, ${file.most} were written`
  const same = source.subarray(file.start, file.start + length).equals(bytes)
  return same ? undefined : `${length} bytes are there, and not those that were written`
}
