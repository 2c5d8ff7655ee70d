import { setTimeout } from 'node:timers/promises'

/** Lets bytes through at a rate until the signal is aborted. */
export class ScanRate {
  readonly #bytesPerSecond: number
  readonly #signal: AbortSignal
  #freeAtMs = 0

  constructor(bytesPerSecond: number, signal: AbortSignal) {
    this.#bytesPerSecond = bytesPerSecond
    this.#signal = signal
  }

  /** Resolves when `bytes` may be read; rejects when it is over. Does not keep the process alive. */
  async take(bytes: number): Promise<void> {
    const now = performance.now()
    const startMs = Math.max(now, this.#freeAtMs)
    this.#freeAtMs = startMs + (bytes / this.#bytesPerSecond) * 1000
    if (startMs > now) await setTimeout(startMs - now, undefined, { signal: this.#signal, ref: false })
    else this.#signal.throwIfAborted()
  }
}
