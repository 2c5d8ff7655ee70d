import type { Logger } from './logger.ts'
import { formatReplica, type Replica } from './storage/replica.ts'
import { ReplicaError } from './storage/replica-error.ts'
import { verifyReplica } from './storage/verify-replica.ts'
import type { ReplicaEvents } from './transfer/transfer-context.ts'

/** Replicas that somebody complained about, looked through one after the other; the damaged ones are reported. */
export class SuspectReplicas {
  readonly #events: ReplicaEvents
  readonly #logger: Logger
  readonly #queued = new Set<Replica>()
  #running: Promise<void> = Promise.resolve()

  constructor(events: ReplicaEvents, logger: Logger) {
    this.#events = events
    this.#logger = logger
  }

  add(blockPoolId: string, replica: Replica): void {
    if (this.#queued.has(replica)) return
    this.#queued.add(replica)
    this.#running = this.#running.then(() => this.#check(blockPoolId, replica))
  }

  /** Resolves when nothing is left to look through. */
  idle(): Promise<void> {
    return this.#running
  }

  async #check(blockPoolId: string, replica: Replica): Promise<void> {
    this.#queued.delete(replica)
    if (replica.state !== 'FINALIZED') return
    try {
      await verifyReplica(replica)
      this.#logger.info({ block: formatReplica(replica) }, 'a suspect replica is good')
    } catch (error) {
      const reason = (error as Error).message
      const damaged = error instanceof ReplicaError
      if (damaged && replica.state === 'FINALIZED') this.#events.corrupt(blockPoolId, replica, reason)
      else
        this.#logger.warn(
          { block: formatReplica(replica), error: reason },
          'could not look through a suspect replica',
        )
    }
  }
}
