import type { PoolSlice, ReplicaPlace } from './volume.ts'

/**
 * `org.apache.hadoop.hdfs.server.common.HdfsServerConstants.ReplicaState`.
 *
 *     create ──▶ RBW ──finalize──▶ FINALIZED ──append──▶ RBW
 *                 │ restart              │
 *                 ▼                      │ recovery
 *                RWR ───── recovery ──▶ RUR ──update──▶ FINALIZED
 *     copy ──▶ TEMPORARY ──finalize──▶ FINALIZED   (or convert ──▶ RBW)
 */
export type ReplicaState = 'FINALIZED' | 'RBW' | 'RWR' | 'RUR' | 'TEMPORARY'

/** The numbers that block reports and `InterDatanodeProtocol` carry for the states. */
export const replicaStateNumber = {
  FINALIZED: 0,
  RBW: 1,
  RWR: 2,
  RUR: 3,
  TEMPORARY: 4,
} as const satisfies Record<ReplicaState, number>

/** All states. */
export const replicaStates = Object.keys(replicaStateNumber) as readonly ReplicaState[]

/** What is under way on a replica that somebody writes: whoever takes the replica over ends it first. */
export interface ReplicaWork {
  /** Stops at once: no byte is written to the replica after this returns. */
  stop(reason: string): void
}

/** The last chunk of a replica that does not fill its chunk: up to which length which checksum holds. */
export interface LastChunk {
  readonly length: number
  readonly checksum: Uint8Array
}

/** One block on one volume. */
export class Replica {
  readonly blockId: bigint
  /** Where its files are; changes when it is moved to another volume. */
  slice: PoolSlice
  generationStamp: bigint
  /** Told of every change of state: the store keeps complete replicas without their objects. */
  keeper: { stateChanged(replica: Replica): void } | undefined
  #state: ReplicaState
  /** Bytes in the block file that have their checksum in the meta file. */
  length: number
  /** RBW only: bytes that every node of the pipeline acknowledged; what a reader may see. */
  bytesAcked: number
  /** Bytes kept free on the volume for the rest of the block. */
  reservedBytes = 0
  /** While somebody writes. */
  work: ReplicaWork | undefined
  /** While the file grows: the partial last chunk, so that a reader gets bytes and checksum of one moment. */
  lastChunk: LastChunk | undefined
  /** RUR only: generation stamp that the recovery will give, and the state it began with. */
  recovery: { readonly id: bigint; readonly originalState: ReplicaState } | undefined
  /** A copy for the balancer: where the source replica's deletion is asked for. */
  pinned = false

  constructor(
    slice: PoolSlice,
    blockId: bigint,
    generationStamp: bigint,
    state: ReplicaState,
    length: number,
  ) {
    this.slice = slice
    this.blockId = blockId
    this.generationStamp = generationStamp
    this.#state = state
    this.length = length
    this.bytesAcked = length
  }

  get state(): ReplicaState {
    return this.#state
  }

  set state(state: ReplicaState) {
    if (state === this.#state) return
    this.#state = state
    this.keeper?.stateChanged(this)
  }

  /** The state that reports tell: recovery does not hide what it began with. */
  get reportedState(): ReplicaState {
    return this.recovery?.originalState ?? this.state
  }

  /** In which folder the files are. */
  get place(): ReplicaPlace {
    const state = this.reportedState
    if (state === 'FINALIZED') return 'finalized'
    return state === 'TEMPORARY' ? 'tmp' : 'rbw'
  }

  /** How far a reader may read; -1 where nothing may be read (`ReplicaInfo.getVisibleLength`). */
  get visibleLength(): number {
    switch (this.reportedState) {
      case 'FINALIZED':
        return this.length
      case 'RBW':
        return this.bytesAcked
      default:
        return -1
    }
  }
}

/** `blk_1073741825_1001`, as Hadoop's own logs name it. */
export function formatReplica(replica: { blockId: bigint; generationStamp: bigint }): string {
  return `blk_${replica.blockId}_${replica.generationStamp}`
}
