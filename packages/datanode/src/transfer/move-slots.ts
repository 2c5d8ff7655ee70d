/** How many moves for the balancer may be under way here, giving and taking together; Java's `BlockBalanceThrottler`. */
export class MoveSlots {
  /** Most moves at once; a change does not end what is under way. */
  limit: number
  #used = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** Moves under way. */
  get used(): number {
    return this.#used
  }

  /** True when there was room; `release` follows. */
  take(): boolean {
    if (this.#used >= this.limit) return false
    this.#used++
    return true
  }

  release(): void {
    this.#used--
  }
}
