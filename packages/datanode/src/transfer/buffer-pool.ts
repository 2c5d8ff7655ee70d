/** Idle buffers kept; more readers at once than this allocate. */
const idleMax = 16

/** Large buffers used again: fresh ones cost a page fault for every 4 KiB. */
export class BufferPool {
  readonly #bytes: number
  readonly #idle: Uint8Array[] = []

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** At least `bytes` long, content undefined. */
  take(bytes: number): Uint8Array {
    if (bytes > this.#bytes) return Buffer.allocUnsafeSlow(bytes)
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#bytes)
  }

  /** Only for buffers that nobody reads any more. */
  give(buffer: Uint8Array): void {
    if (buffer.length === this.#bytes && this.#idle.length < idleMax) this.#idle.push(buffer)
  }
}
