/**
 * One timer for any number of deadlines: it calls `sweep` every `intervalMs` while started, and the owner compares
 * its own deadlines with the time. So a call costs a number, not a timer; a deadline is kept to within one
 * interval. It never keeps the process alive.
 */
export class SweepTimer {
  readonly #intervalMs: number
  readonly #sweep: (nowMs: number) => void
  #timer: NodeJS.Timeout | undefined

  /** `sweep` gets `performance.now()`. */
  constructor(intervalMs: number, sweep: (nowMs: number) => void) {
    this.#intervalMs = intervalMs
    this.#sweep = sweep
  }

  get running(): boolean {
    return this.#timer !== undefined
  }

  /** Starts; does nothing when it runs already. */
  start(): void {
    this.#timer ??= setInterval(() => this.#sweep(performance.now()), this.#intervalMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
