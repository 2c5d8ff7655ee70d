/** Lets bytes through at a rate; Java's `DataTransferThrottler`. A rate of 0 lets everything through. */
export class Throttle {
  #bytesPerSecond: number
  #freeAtMs = 0

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  set bytesPerSecond(value: number) {
    this.#bytesPerSecond = value
  }

  /** Resolves when `bytes` may go. */
  async take(bytes: number): Promise<void> {
    if (this.#bytesPerSecond <= 0) return
    const now = performance.now()
    const start = Math.max(now, this.#freeAtMs)
    this.#freeAtMs = start + (bytes / this.#bytesPerSecond) * 1000
    if (start > now) await new Promise((resolve) => setTimeout(resolve, start - now))
  }
}
