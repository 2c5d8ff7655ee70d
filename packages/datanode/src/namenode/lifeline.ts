export interface LifelineOptions {
  /** `dfs.heartbeat.interval` */
  readonly heartbeatIntervalMs: number
  /** `dfs.datanode.lifeline.interval.seconds` */
  readonly intervalMs: number
  readonly now: () => number
  /** Sends a lifeline; rejections are its own affair. */
  readonly send: () => void
}

/**
 * Says that this node lives while heartbeats queue in a busy NameNode: `BPServiceActor.LifelineSender`. A lifeline is
 * due an interval after the heartbeat that should have followed the last one, then once an interval [dnp.lifeline.1].
 */
export class Lifeline {
  readonly #options: LifelineOptions
  #dueMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(options: LifelineOptions) {
    this.#options = options
  }

  /** A heartbeat is on its way: none is late before the next should have gone. */
  heartbeatBegan(): void {
    const { now, heartbeatIntervalMs, intervalMs } = this.#options
    this.#dueMs = now() + heartbeatIntervalMs + intervalMs
    this.#timer ??= this.#wait()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** One timer runs on while heartbeats move the time: they come far more often than it ends. */
  #wait(): NodeJS.Timeout {
    return setTimeout(() => this.#expired(), Math.max(1, this.#dueMs - this.#options.now())).unref()
  }

  #expired(): void {
    const { now, intervalMs, send } = this.#options
    if (now() >= this.#dueMs) {
      this.#dueMs = now() + intervalMs
      send()
    }
    this.#timer = this.#wait()
  }
}
