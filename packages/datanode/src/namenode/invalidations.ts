import type { BlockCommandProto } from '@cairn/hadoop-proto'
import { invalidationsMax } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { formatReplica, type Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'

/** `BlockCommand.NO_ACK` as a length: the NameNode has forgotten the block and wants to hear no more of it. */
const noAcknowledgement = 0x7fff_ffff_ffff_ffffn

export interface InvalidationEvents {
  /** A replica and its files are gone; `tell`: the NameNode waits to hear it. */
  removed(blockPoolId: string, replica: Replica, tell: boolean): void
}

interface Invalidation {
  readonly store: ReplicaStore
  readonly blockId: bigint
  readonly generationStamp: bigint
  readonly tell: boolean
}

/** Deletes replicas as ordered, a few at a time: a heartbeat may bring a thousand [dnp.invalidate.1]. */
export class Invalidations {
  readonly #logger: Logger
  readonly #events: InvalidationEvents
  readonly #waiting: Invalidation[] = []
  #next = 0
  #running = 0

  constructor(logger: Logger, events: InvalidationEvents) {
    this.#logger = logger
    this.#events = events
  }

  /** Orders that are not done. */
  get pending(): number {
    return this.#waiting.length - this.#next + this.#running
  }

  add(store: ReplicaStore, command: BlockCommandProto): void {
    for (const { blockId, genStamp, numBytes } of command.blocks)
      this.#waiting.push({ store, blockId, generationStamp: genStamp, tell: numBytes !== noAcknowledgement })
    while (this.#running < invalidationsMax && this.#next < this.#waiting.length) {
      this.#running++
      void this.#work()
    }
  }

  async #work(): Promise<void> {
    for (let order = this.#take(); order; order = this.#take()) await this.#remove(order)
    this.#running--
  }

  #take(): Invalidation | undefined {
    if (this.#next < this.#waiting.length) return this.#waiting[this.#next++]
    this.#waiting.length = 0
    this.#next = 0
    return undefined
  }

  async #remove(order: Invalidation): Promise<void> {
    const { store, tell } = order
    try {
      const replica = await store.invalidate(order)
      this.#events.removed(store.pool.blockPoolId, replica, tell)
    } catch (error) {
      const block = formatReplica(order)
      this.#logger.info({ block, error: (error as Error).message }, 'did not delete a replica')
    }
  }
}
