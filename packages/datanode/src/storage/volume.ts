import type { BlockPaths } from './disk/block-paths.ts'
import type { Replica } from './replica.ts'
import type { BufferReplicaList } from './replica-list.ts'

/** The folder of a replica inside its block pool: `finalized` (complete), `rbw` (being written), `tmp` (being copied). */
export type ReplicaPlace = 'finalized' | 'rbw' | 'tmp'

/** `blk_<id>` holds the data, `blk_<id>_<gs>.meta` the checksums. */
export type ReplicaPart = 'data' | 'meta'

/** Names a replica's two files. */
export interface ReplicaName {
  readonly place: ReplicaPlace
  readonly blockId: bigint
  readonly generationStamp: bigint
}

/**
 * The two open files of one replica. They stay valid when the replica moves to another folder. All writes reach
 * the operating system before they return: they outlive a kill of this process; only `sync` makes them outlive
 * the machine's.
 */
export interface ReplicaFile {
  length(part: ReplicaPart): number
  /** Reads until `target` is full or the file ends; returns the count. */
  readSync(part: ReplicaPart, target: Uint8Array, position: number): number
  /** Fills all pieces one after the other, or as far as the file goes; returns the count. */
  read(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): Promise<number>
  readPiecesSync(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): number
  /** Writes all pieces one after the other. */
  write(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): void
  truncate(part: ReplicaPart, length: number): void
  /** Makes data and meta durable. */
  sync(): Promise<void>
  /** Idempotent; reads and syncs under way end first. */
  close(): void
}

/** Space of one volume, in bytes, as a heartbeat reports it. */
export interface VolumeSpace {
  readonly capacity: number
  /** Used by block and meta files. */
  readonly dfsUsed: number
  /** Free for new blocks: reserved bytes are taken off. */
  readonly remaining: number
  /** Used by others, beyond what is reserved for them. */
  readonly nonDfsUsed: number
  /** Left to others. */
  readonly reserved: number
}

/** One storage directory, `StorageReportProto`'s subject. */
export interface Volume {
  readonly storageId: string
  /** A number of `StorageTypeProto`. */
  readonly storageType: number
  /** Path for people; memory has a made-up one. */
  readonly path: string
  /** Kept free for blocks that are being written. */
  reservedBytes: number
  /** Never throws: of a disk that does not answer it tells what was last known. */
  space(): VolumeSpace
  /** Looks whether the disk works: what must be there is there, and can be written. Rejects when not. */
  check(): Promise<void>
  openPool(pool: PoolIdentity): Promise<PoolSlice>
  /** Forgets what is open of a pool; its files stay. */
  closePool(blockPoolId: string): void
  close(): Promise<void>
}

/** What `current/BP-…/current/VERSION` holds. */
export interface PoolIdentity {
  readonly blockPoolId: string
  readonly namespaceId: number
  readonly clusterId: string
  readonly cTime: bigint
}

/** Takes what `PoolSlice.load` finds. */
export interface FoundReplicas {
  finalized(blockId: bigint, generationStamp: bigint, length: number): void
  unfinished(replica: Replica): void
}

/** A complete replica's files, kept in memory for readers. */
export interface CachedFiles {
  readonly generationStamp: bigint
  open(): ReplicaFile
}

/** What one block pool has on one volume. */
export interface PoolSlice {
  readonly volume: Volume
  readonly blockPoolId: string
  /** Where the files are; undefined in memory. */
  readonly paths: BlockPaths | undefined
  /** Replicas that are read from memory, by block; undefined when there are none. */
  cached: Map<bigint, CachedFiles> | undefined
  /** Bytes of block and meta files of this pool. */
  readonly usedBytes: number
  /** Finds what is there after a start; half-done moves are finished or undone, half-written replicas are cut. */
  load(found: FoundReplicas): Promise<void>
  /** Writes down which replicas there are, so that the next start need not look; does nothing where that is no use. */
  saveReplicas(list: BufferReplicaList): Promise<void>
  /** Makes both files, empty. The replica must not exist. */
  create(name: ReplicaName): ReplicaFile
  /** `disk` reads from the disk what `read` may take from memory. */
  open(name: ReplicaName, access: 'read' | 'disk' | 'write'): ReplicaFile
  /** Moves both files; a kill between the two steps is put right by `load`. */
  move(from: ReplicaName, to: ReplicaName): void
  /** The replica is gone at once; resolves when its space is free. */
  remove(name: ReplicaName): Promise<void>
  /** As `remove`, but the files are kept until `setRollingUpgrade` ends it, so that a rollback finds them. */
  discard(name: ReplicaName): Promise<void>
  /** A rolling upgrade goes on, or is over: then what was discarded is deleted. */
  setRollingUpgrade(inProgress: boolean): Promise<void>
  /** Drops what was kept from before an upgrade. */
  finalizeUpgrade(): Promise<void>
  /** The replica's writer was told to come back: a start before `untilMs` finds it as RBW. */
  keepForRestart(name: ReplicaName, untilMs: number): void
  /** Makes the move or creation of the files durable. */
  syncPlace(name: ReplicaName): Promise<void>
  /** Keeps the count of used bytes after files grew or shrank. */
  addUsedBytes(bytes: number): void
}
