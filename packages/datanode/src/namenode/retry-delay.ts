/** Waits between tries to reach a lost NameNode, in milliseconds; the last one is repeated for ever. */
const waitsMs = [100, 200, 500, 1_000] as const

/**
 * How long to wait before the next try to reach a NameNode [dnp.retry.1]. Short at first, for a NameNode that restarts is back in a
 * moment; varied by a quarter, so that the DataNodes of a cluster do not all come at once.
 */
export class RetryDelay {
  readonly #random: () => number
  #tries = 0

  /** `random` gives numbers from 0 to below 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The wait before the next try, in milliseconds. */
  next(): number {
    const waitMs = waitsMs[Math.min(this.#tries, waitsMs.length - 1)]!
    this.#tries += 1
    return waitMs * (0.75 + this.#random() / 2)
  }

  /** The NameNode is there: the next loss begins with the shortest wait. */
  reset(): void {
    this.#tries = 0
  }
}
