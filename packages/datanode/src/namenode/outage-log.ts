import type { Logger } from '../logger.ts'

/** Between two lines about the same outage, in milliseconds. */
const repeatMs = 60_000

/**
 * Tells of a NameNode that does not answer: at once, when the reason changes, and then once a minute. The tries come every
 * second, and a log full of them hides what else happens.
 */
export class OutageLog {
  readonly #logger: Logger
  readonly #namenode: string
  readonly #now: () => number
  #tries = 0
  #sinceMs = 0
  #toldMs = 0
  #reason = ''

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(logger: Logger, namenode: string, now: () => number) {
    this.#logger = logger
    this.#namenode = namenode
    this.#now = now
  }

  failed(error: Error): void {
    const nowMs = this.#now()
    if (this.#tries === 0) this.#sinceMs = nowMs
    this.#tries += 1
    const isNew = this.#tries === 1 || error.message !== this.#reason
    const fields = {
      namenode: this.#namenode,
      error: error.message,
      tries: this.#tries,
      seconds: Math.round((nowMs - this.#sinceMs) / 1000),
    }
    if (isNew || nowMs - this.#toldMs >= repeatMs) {
      this.#toldMs = nowMs
      this.#reason = error.message
      this.#logger.warn(fields, 'no luck with the NameNode; trying again')
    } else {
      this.#logger.debug(fields, 'no luck with the NameNode; trying again')
    }
  }

  /** It has answered. */
  over(): void {
    this.#tries = 0
  }
}
