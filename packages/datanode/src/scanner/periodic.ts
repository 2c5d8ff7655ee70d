/** Runs something every so often, the first time at a random moment of the first interval. */
export class Periodic {
  readonly #intervalMs: number
  readonly #random: () => number
  readonly #run: () => Promise<unknown>
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** @param intervalMs 0 or less never runs */
  constructor(intervalMs: number, random: () => number, run: () => Promise<unknown>) {
    this.#intervalMs = intervalMs
    this.#random = random
    this.#run = run
  }

  start(): void {
    if (this.#intervalMs > 0) this.#arm(this.#intervalMs * this.#random())
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #arm(ms: number): void {
    // Longer waits than a timer can have are cut: Node would take them for 1 ms.
    this.#timer = setTimeout(() => void this.#turn(), Math.min(ms, 2 ** 31 - 1))
    this.#timer.unref()
  }

  async #turn(): Promise<void> {
    const begunMs = performance.now()
    await this.#run().catch(() => {})
    if (!this.#stopped) this.#arm(Math.max(1000, this.#intervalMs - (performance.now() - begunMs)))
  }
}
