/**
 * One block of one file and what the NameNode knows of its replicas;
 * org.apache.hadoop.hdfs.server.blockmanagement.BlockInfo.
 *
 * ```text
 * UNDER_CONSTRUCTION ──commit──▶ COMMITTED ──minimal replication──▶ COMPLETE
 *        ▲   │                                                        │
 *        │   └─lease recovery─▶ UNDER_RECOVERY ──commitBlockSync──▶───┘
 *        └────────────────────────────append────────────────────────◀─┘
 * ```
 */
import type { Datanode } from '../datanodes/datanode.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import type { INodeFile } from '../namespace/inode.ts'

/** HdfsServerConstants.BlockUCState, by its names. */
export type BlockState = 'COMPLETE' | 'UNDER_CONSTRUCTION' | 'UNDER_RECOVERY' | 'COMMITTED'

/** HdfsServerConstants.ReplicaState, by its numbers; ReplicaStateProto. */
export const replicaState = { FINALIZED: 0, RBW: 1, RWR: 2, RUR: 3, TEMPORARY: 4 } as const

/** One place where a block is being written; ReplicaUnderConstruction. */
export interface ReplicaUnderConstruction {
  readonly storage: DatanodeStorage
  generationStamp: number
  /** One of {@link replicaState}. */
  state: number
  /** How long its DataNode says it became; known once that finalized it. */
  reportedBytes?: number | undefined
}

/** What a block has only while it is written or recovered; BlockUnderConstructionFeature. */
export interface BlockUnderConstruction {
  /** Replicas in pipeline order. */
  replicas: ReplicaUnderConstruction[]
  /** Generation stamp that the running recovery hands out; 0 = none ran. */
  recoveryId: number
  /** The DataNode that the last recovery was given to. */
  primary: Datanode | undefined
  /** When that was, milliseconds of the monotonic clock. */
  recoveryStartedMs: number
  /** The block as it will be after truncation, when this recovery is one. */
  truncateTo: { readonly id: number; readonly generationStamp: number; readonly numBytes: number } | undefined
  /** Datanodes that already were primary of a recovery, so that the next attempt picks another. */
  triedPrimaries: Set<string>
}

export class BlockInfo {
  readonly id: number
  generationStamp: number
  numBytes: number
  state: BlockState
  /** Replicas wanted; the largest of the files' that own it. */
  replication: number
  /** Absent once the block was deleted. */
  file: INodeFile | undefined
  /** Storages that hold a finalized replica (also a corrupt one). */
  replicas: readonly DatanodeStorage[] = noReplicas
  underConstruction: BlockUnderConstruction | undefined = undefined

  constructor(id: number, generationStamp: number, numBytes: number, replication: number, state: BlockState) {
    this.id = id
    this.generationStamp = generationStamp
    this.numBytes = numBytes
    this.replication = replication
    this.state = state
    this.file = undefined
  }

  get complete(): boolean {
    return this.state === 'COMPLETE'
  }
}

/** Replicas of a block that has none; shared, never changed. */
export const noReplicas: readonly DatanodeStorage[] = Object.freeze([])
