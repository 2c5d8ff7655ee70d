import { receiveBytesInitial } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

export interface ReceiveBufferOptions {
  /** Memory claimed at the first byte. Default 64 KiB. */
  initialBytes?: number
  /** Most bytes ever held; a session derives it from its frame limit. */
  maxBytes: number
}

/**
 * Received bytes that no frame has consumed yet, always contiguous:
 *
 *     |  consumed  |  readable (length)  |  free: the next read lands here  |
 *
 * A socket reads straight into `writable()` and reports with `commit()`, so that bulk data is never copied but for
 * the part of a frame that a full buffer cuts (moved to the front once). `push()` copies, for callers that have
 * their own chunk. Views are valid until the next `writable()` or `push()`. Memory grows with bytes received, never
 * with bytes promised: ask for a larger buffer only through `writable(minBytes)` after checking a limit.
 */
export class ReceiveBuffer {
  readonly #initialBytes: number
  readonly #maxBytes: number
  #bytes = new Uint8Array(0)
  #view = new DataView(this.#bytes.buffer)
  #start = 0
  #end = 0

  constructor(options: ReceiveBufferOptions) {
    this.#initialBytes = Math.min(options.initialBytes ?? receiveBytesInitial, options.maxBytes)
    this.#maxBytes = options.maxBytes
  }

  /** How many readable bytes there are. */
  get length(): number {
    return this.#end - this.#start
  }

  /** The free tail, at least `minBytes` of it; the next received bytes go there. */
  writable(minBytes = 1): Uint8Array {
    if (this.#start === this.#end) {
      this.#start = 0
      this.#end = 0
    }
    if (this.#bytes.length - this.#end < minBytes) this.#makeRoom(minBytes)
    return this.#bytes.subarray(this.#end)
  }

  #makeRoom(minBytes: number): void {
    const length = this.length
    const needed = length + minBytes
    if (needed > this.#maxBytes) {
      throw new ProtocolError(
        'ERR_BYTES_BUFFER_FULL',
        `hold ${needed} received bytes: the limit is ${this.#maxBytes}`,
      )
    }
    if (needed <= this.#bytes.length) {
      this.#bytes.copyWithin(0, this.#start, this.#end)
    } else {
      const grown = new Uint8Array(
        Math.min(this.#maxBytes, Math.max(needed, this.#bytes.length * 2, this.#initialBytes)),
      )
      grown.set(this.#bytes.subarray(this.#start, this.#end))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    this.#start = 0
    this.#end = length
  }

  /** Says that `count` bytes were put at the start of what `writable()` returned. */
  commit(count: number): void {
    this.#end += count
  }

  /** Copies a chunk in. */
  push(chunk: Uint8Array): void {
    this.writable(chunk.length).set(chunk)
    this.#end += chunk.length
  }

  u8(at: number): number {
    return this.#bytes[this.#start + at]!
  }
  i16be(at: number): number {
    return this.#view.getInt16(this.#start + at)
  }
  i32be(at: number): number {
    return this.#view.getInt32(this.#start + at)
  }

  /** Readable bytes `[from, to)` as a view. */
  view(from = 0, to = this.length): Uint8Array {
    return this.#bytes.subarray(this.#start + from, this.#start + to)
  }

  /** Drops `count` bytes from the front. */
  consume(count: number): void {
    this.#start += count
  }
}
