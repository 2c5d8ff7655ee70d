import { setTimeout as delay } from 'node:timers/promises'
import type { FileHandle, HdfsClient } from '@cairn/hdfs-client'
import { patternBytes, type Random, randomInteger } from '@cairn/testkit'

/** Bytes of one record at most: several fit a block of the smallest size, and some span two. */
const recordBytesMax = 20_000
/** A file is full here. */
const fileBytesMax = 1 << 20
/** A file whose writer was cut off has to be closed again within this time. */
const recoveredMs = 30_000
/** How often the lease is asked for; each request may start a recovery anew. */
const askMs = 300

/**
 * Writes one file a round, record after record, each made visible by hflush, and never gets to close it: what was
 * flushed has to be there afterwards, and the file can be closed by lease recovery.
 */
export class CrashLog {
  readonly #client: HdfsClient
  readonly #path: string
  readonly #random: Random
  readonly #content: Uint8Array
  #handle: FileHandle | undefined
  #written = 0
  #flushed = 0
  /** Records that hflush has acknowledged, over all rounds. */
  acknowledged = 0

  constructor(client: HdfsClient, path: string, seed: number, random: Random) {
    this.#client = client
    this.#path = path
    this.#random = random
    this.#content = patternBytes(fileBytesMax, seed)
  }

  /** Writes until `isOver`, an error, or the file is full. */
  async run(isOver: () => boolean): Promise<void> {
    this.#written = 0
    this.#flushed = 0
    try {
      this.#handle = await this.#client.open(this.#path, 'w')
      while (!isOver() && this.#written < fileBytesMax) {
        const bytes = Math.min(fileBytesMax - this.#written, 1 + randomInteger(this.#random, recordBytesMax))
        const start = this.#written
        this.#written += bytes
        await this.#handle.write(this.#content, start, bytes)
        await this.#handle.hflush()
        this.#flushed = this.#written
        this.acknowledged++
      }
    } catch {
      // With the cluster shot down under it, anything may go wrong; what was flushed counts.
    }
  }

  /** Answers what is wrong, nothing where all is well, and takes the file away. */
  async verify(): Promise<string[]> {
    // It fails where the writer has failed, and closes the file where it has not: both are right.
    await this.#handle?.close().catch(() => {})
    this.#handle = undefined
    const wrong = await this.#fault()
    if (wrong === undefined) await this.#client.rm(this.#path, { force: true })
    return wrong === undefined ? [] : [`${this.#path}: ${wrong}`]
  }

  async #fault(): Promise<string | undefined> {
    const giveUpAt = performance.now() + recoveredMs
    for (;;) {
      try {
        if (!(await this.#client.exists(this.#path))) {
          return this.#flushed === 0 ? undefined : `it is lost with ${this.#flushed} flushed bytes`
        }
        if (await this.#client.recoverLease(this.#path)) {
          const bytes = await this.#client.readFile(this.#path)
          return this.#difference(bytes)
        }
        if (performance.now() > giveUpAt) return `it is still open after ${recoveredMs} ms`
      } catch (error) {
        // A DataNode that has just come back may not have reported its blocks yet.
        if (performance.now() > giveUpAt) return `it cannot be read: ${String(error)}`
      }
      await delay(askMs)
    }
  }

  #difference(bytes: Uint8Array): string | undefined {
    const { length } = bytes
    if (length < this.#flushed) return `${length} bytes are left of ${this.#flushed} that were flushed`
    if (length > this.#written) return `${length} bytes are there, ${this.#written} were written`
    const same = Buffer.compare(bytes, this.#content.subarray(0, length)) === 0
    return same ? undefined : `${length} bytes are there, and not those that were written`
  }
}
