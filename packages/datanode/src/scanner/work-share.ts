import { setImmediate, setTimeout } from 'node:timers/promises'

/** Keeps long background work to a share of the time: `workMs` of each second. */
export class WorkShare {
  readonly #workMs: number
  #sinceMs = performance.now()

  /** @param workMs 1 to 1000; 1000 never waits */
  constructor(workMs: number) {
    this.#workMs = workMs
  }

  /** To be called after every bit of work; waits when the share of this second is used up. */
  async rest(): Promise<void> {
    const worked = performance.now() - this.#sinceMs
    if (this.#workMs >= 1000 || worked < this.#workMs) {
      await setImmediate()
      return
    }
    await setTimeout(worked * (1000 / this.#workMs - 1), undefined, { ref: false })
    this.#sinceMs = performance.now()
  }
}
