// The replicas of one block pool: which there are, in which state, and the moves between states that the DataNode's
// protocols ask for; `org.apache.hadoop.hdfs.server.datanode.fsdataset.impl.FsDatasetImpl`. Every operation happens
// in one step of the event loop, so no two of them meet half way.
import { setImmediate } from 'node:timers/promises'
import type { Logger } from '../logger.ts'
import type { BlockChecksum } from './block-meta.ts'
import { formatReplica, Replica, replicaStateNumber } from './replica.ts'
import { ReplicaError } from './replica-error.ts'
import { ReplicaIndex } from './replica-index.ts'
import { BufferReplicaList } from './replica-list.ts'
import { ReplicaWriter } from './replica-writer.ts'
import { truncateReplica } from './truncate-replica.ts'
import type { PoolIdentity, PoolSlice, ReplicaFile, ReplicaPlace, Volume } from './volume.ts'
import { makeVolumeChoice, type VolumeChoice } from './volume-choice.ts'

/** A block by id and generation stamp. */
export interface BlockId {
  readonly blockId: bigint
  readonly generationStamp: bigint
}

/** What a new replica needs to know. */
export interface NewReplica extends BlockId {
  /** Room to find, bytes: the block size for a client's write, the block's length for a copy. */
  readonly expectedBytes: number
  readonly storageType: number | undefined
  readonly checksum: BlockChecksum
}

/** How a store treats its volumes. */
export interface StoreOptions {
  readonly logger: Logger
  /** Where new replicas go. Default: round robin. */
  readonly choice?: VolumeChoice
  /** A volume could not be opened: the store goes on without it, unless this throws. Default: throws. */
  failed?(volume: Volume, error: unknown): void
}

export class ReplicaStore {
  readonly pool: PoolIdentity
  readonly #logger: Logger
  readonly #replicas = new ReplicaIndex()
  readonly #choice: VolumeChoice
  #slices: readonly PoolSlice[] = []
  /** Undefined until the NameNode has said anything. */
  #upgrading: boolean | undefined

  private constructor(pool: PoolIdentity, options: StoreOptions) {
    this.pool = pool
    this.#logger = options.logger
    this.#choice = options.choice ?? makeVolumeChoice()
  }

  /** Opens the pool on every volume and finds its replicas. */
  static async open(
    pool: PoolIdentity,
    volumes: readonly Volume[],
    options: StoreOptions,
  ): Promise<ReplicaStore> {
    const store = new ReplicaStore(pool, options)
    const opened = volumes.map(async (volume) => {
      try {
        return await store.#openSlice(volume)
      } catch (error) {
        if (!options.failed) throw error
        options.failed(volume, error)
        await store.dropVolume(volume, 'it could not be opened', () => {})
        return undefined
      }
    })
    store.#slices = (await Promise.all(opened)).filter((slice) => slice !== undefined)
    return store
  }

  /** What the pool has on each volume; of the volumes that work. */
  get slices(): readonly PoolSlice[] {
    return this.#slices
  }

  /** Takes another volume in, with the replicas on it. */
  async addVolume(volume: Volume): Promise<void> {
    const slice = await this.#openSlice(volume)
    this.#slices = [...this.#slices, slice]
  }

  async #openSlice(volume: Volume): Promise<PoolSlice> {
    const slice = await volume.openPool(this.pool)
    await slice.load(this.#replicas.sink(slice, this.#logger))
    return slice
  }

  /**
   * Forgets a volume and the replicas on it, whose files stay: its disk failed, or it is taken out. Whoever writes
   * there is stopped at once. Resolves when `lost` has been told of every replica ([disk.fail.3]).
   */
  async dropVolume(volume: Volume, reason: string, lost: (replica: Replica) => void): Promise<void> {
    this.#slices = this.#slices.filter((slice) => slice.volume !== volume)
    const lose = (replica: Replica): void => {
      // First out of the index: what stops must not touch the files any more.
      this.#replicas.delete(replica.blockId)
      this.#stopWork(replica, reason)
      this.#release(replica)
      lost(replica)
    }
    for (const replica of [...this.#replicas.live()]) if (replica.slice.volume === volume) lose(replica)
    for (let shard = 0; shard < this.#replicas.shardCount; shard++) {
      for (const blockId of this.#replicas.blockIds(shard)) {
        if (this.#replicas.row(blockId)?.slice.volume === volume) lose(this.#replicas.find(blockId)!)
      }
      await setImmediate()
    }
  }

  /** A volume of the storage type with so much room. */
  chooseSlice(bytes: number, storageType: number | undefined): PoolSlice {
    return this.#choice.choose(this.#slices, bytes, storageType)
  }

  /** A complete replica's files are in another place of the pool, under the same name; those here may go. */
  relocate(replica: Replica, slice: PoolSlice): void {
    replica.slice = slice
    this.#replicas.refresh(replica)
  }

  get count(): number {
    return this.#replicas.count
  }

  /** Which replicas there are, without an object for each. */
  get index(): ReplicaIndex {
    return this.#replicas
  }

  /** Every replica as an object: for few replicas or rare work; reports and counts read the `index`. */
  replicas(): IterableIterator<Replica> {
    return this.#replicas.replicas()
  }

  find(blockId: bigint): Replica | undefined {
    return this.#replicas.find(blockId)
  }

  /** The replica, which must have at least the generation stamp that the caller knows. */
  require(block: BlockId): Replica {
    const replica = this.#replicas.find(block.blockId)
    if (!replica)
      throw new ReplicaError('ERR_DN_REPLICA_MISSING', `find ${formatReplica(block)}: found no such replica`)
    if (replica.generationStamp < block.generationStamp) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `find ${formatReplica(block)}: found an older generation, ${formatReplica(replica)}`,
      )
    }
    return replica
  }

  openForRead(replica: Replica): ReplicaFile {
    return replica.slice.open(replica, 'read')
  }

  /** A client's new block. */
  createRbw(block: NewReplica): ReplicaWriter {
    return this.#create(block, 'RBW')
  }

  /** A copy of a block; nobody sees it before it is complete. */
  createTemporary(block: NewReplica): ReplicaWriter {
    return this.#create(block, 'TEMPORARY')
  }

  #create(block: NewReplica, state: 'RBW' | 'TEMPORARY'): ReplicaWriter {
    const present = this.#replicas.find(block.blockId)
    if (present) this.#replaceOutdated(present, block)
    const slice = this.chooseSlice(block.expectedBytes, block.storageType)
    const replica = new Replica(slice, block.blockId, block.generationStamp, state, 0)
    const file = slice.create(replica)
    let writer: ReplicaWriter
    try {
      writer = ReplicaWriter.create(replica, file, block.checksum)
    } catch (error) {
      file.close()
      this.#removeFiles(replica)
      throw error
    }
    replica.reservedBytes = block.expectedBytes
    slice.volume.reservedBytes += block.expectedBytes
    this.#replicas.put(replica)
    return writer
  }

  /**
   * Only an unfinished attempt of an earlier generation gives way to a new one; one that was frozen for a recovery and
   * left out of it when that recovery is over, which a copy of its generation shows. Java's DataNode keeps such a
   * replica until the next full block report, and where every node has a replica the block stays one short.
   */
  #replaceOutdated(present: Replica, block: BlockId): void {
    const unfinished = present.reportedState !== 'FINALIZED'
    const isFrozen = present.recovery !== undefined && present.recovery.id > block.generationStamp
    if (!unfinished || isFrozen || present.generationStamp >= block.generationStamp) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_EXISTS',
        `create ${formatReplica(block)}: found ${formatReplica(present)} in state ${present.state}`,
      )
    }
    this.#stopWork(present, 'a newer generation of the block is written')
    this.#replicas.delete(present.blockId)
    this.#release(present)
    this.#removeFiles(present)
  }

  /** Reopens a complete block, `PIPELINE_SETUP_APPEND`. */
  append(block: BlockId, newGenerationStamp: bigint, expectedLength: number): ReplicaWriter {
    const replica = this.#requireExact(block, 'append to')
    if (replica.state !== 'FINALIZED') throw wrongState('append to', replica, 'FINALIZED')
    if (newGenerationStamp < block.generationStamp) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `append to ${formatReplica(block)}: found new generation stamp ${newGenerationStamp}`,
      )
    }
    checkLength('append to', replica, expectedLength)
    return this.#reopen(replica, newGenerationStamp)
  }

  /**
   * `PIPELINE_SETUP_APPEND_RECOVERY`: as append, or again after the pipeline broke before any byte. Without
   * `expectedLength` the writer goes on with whatever its recovery has left.
   */
  recoverAppend(
    block: BlockId,
    newGenerationStamp: bigint,
    expectedLength: number | undefined,
  ): ReplicaWriter {
    const replica = this.#checkRecoverable(block, newGenerationStamp, expectedLength)
    return this.#reopen(replica, newGenerationStamp)
  }

  /** `PIPELINE_CLOSE_RECOVERY`: all bytes are here; the block is complete under its new generation stamp. */
  recoverClose(block: BlockId, newGenerationStamp: bigint, expectedLength: number): Replica {
    const replica = this.#checkRecoverable(block, newGenerationStamp, expectedLength)
    this.#rename(replica, replica.place, newGenerationStamp)
    if (replica.state === 'RBW') this.finalize(replica)
    return replica
  }

  /** `PIPELINE_SETUP_STREAMING_RECOVERY`: goes on after what every node acknowledged; the rest is cut off. */
  recoverRbw(block: BlockId, newGenerationStamp: bigint, minBytes: number, maxBytes: number): ReplicaWriter {
    const replica = this.require(block)
    if (replica.state !== 'RBW') throw wrongState('recover', replica, 'RBW')
    this.#stopWork(replica, 'the pipeline is set up again')
    checkGeneration(replica, block.generationStamp, newGenerationStamp)
    if (replica.bytesAcked < minBytes || replica.length > maxBytes) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `recover ${formatReplica(replica)}: found ${replica.bytesAcked} bytes acknowledged and ${replica.length} written; ` +
          `at least ${minBytes} and at most ${maxBytes} are allowed`,
      )
    }
    const file = replica.slice.open(replica, 'write')
    try {
      truncateReplica(replica, file, replica.bytesAcked)
      this.#rename(replica, 'rbw', newGenerationStamp)
      return ReplicaWriter.resume(replica, file)
    } catch (error) {
      file.close()
      throw error
    }
  }

  /**
   * A writer of Hadoop 1 goes on with a block that was put under a new generation stamp for it, after what this node
   * acknowledged: it tells neither the stamp before nor how long it takes the replica to be [old.recover.2].
   */
  resumeRecovered(block: BlockId): ReplicaWriter {
    const replica = this.require({ blockId: block.blockId, generationStamp: 0n })
    checkGeneration(replica, 0n, block.generationStamp)
    if (replica.state === 'FINALIZED') return this.#reopen(replica, block.generationStamp)
    return this.recoverRbw(replica, block.generationStamp, 0, Number.MAX_SAFE_INTEGER)
  }

  /** A copy that was taken over from a node of a broken pipeline goes on being written, `TRANSFER_RBW`. */
  convertTemporaryToRbw(replica: Replica, visibleLength: number): void {
    if (replica.state !== 'TEMPORARY') throw wrongState('convert', replica, 'TEMPORARY')
    if (replica.length < visibleLength) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `convert ${formatReplica(replica)} to RBW: found ${replica.length} bytes; ${visibleLength} are visible to readers`,
      )
    }
    this.#rename(replica, 'rbw', replica.generationStamp)
    replica.state = 'RBW'
    replica.bytesAcked = visibleLength
    replica.work = undefined
  }

  /** Completes a replica whose bytes are all written. */
  finalize(replica: Replica): void {
    if (replica.state === 'FINALIZED') return
    this.#rename(replica, 'finalized', replica.generationStamp)
    replica.recovery = undefined
    replica.state = 'FINALIZED'
    this.#settle(replica)
  }

  /** Drops a copy that broke off. Does nothing when the replica has become something else. */
  abandon(replica: Replica): void {
    if (replica.state !== 'TEMPORARY' || this.#replicas.find(replica.blockId) !== replica) return
    this.#replicas.delete(replica.blockId)
    this.#release(replica)
    this.#removeFiles(replica)
  }

  /** Forgets a replica at once and deletes its files; resolves when they are gone. */
  async invalidate(block: BlockId): Promise<Replica> {
    const replica = this.#requireExact(block, 'invalidate')
    this.#stopWork(replica, 'the NameNode had the block deleted')
    this.#replicas.delete(replica.blockId)
    this.#release(replica)
    await (this.#upgrading ? replica.slice.discard(replica) : replica.slice.remove(replica))
    return replica
  }

  /** Puts a replica under a generation stamp, without moving it; used by recovery. */
  setGenerationStamp(replica: Replica, generationStamp: bigint): void {
    this.#rename(replica, replica.place, generationStamp)
  }

  /** Ends whatever writes the replica: nothing reaches its files after this. */
  stopWork(replica: Replica, reason: string): void {
    this.#stopWork(replica, reason)
  }

  /** Takes a replica in that was made beside the store's own ways: a truncated copy under a new id. */
  adopt(replica: Replica): void {
    this.#replicas.put(replica)
  }

  /** The NameNode says whether a rolling upgrade goes on; while it does, what it deletes is kept on disk. */
  async setRollingUpgrade(inProgress: boolean): Promise<void> {
    if (this.#upgrading === inProgress) return
    this.#upgrading = inProgress
    this.#logger.info(
      { blockPoolId: this.pool.blockPoolId },
      inProgress ? 'a rolling upgrade goes on: deleted blocks are kept' : 'the rolling upgrade is finalized',
    )
    await Promise.all(this.#slices.map((slice) => slice.setRollingUpgrade(inProgress)))
  }

  /** Drops what was kept from before an upgrade. */
  async finalizeUpgrade(): Promise<void> {
    await Promise.all(this.#slices.map((slice) => slice.finalizeUpgrade()))
  }

  /** Takes in a complete replica whose files were found on the disk. */
  addFound(slice: PoolSlice, block: BlockId, length: number): Replica {
    const replica = new Replica(slice, block.blockId, block.generationStamp, 'FINALIZED', length)
    this.#replicas.put(replica)
    return replica
  }

  /** Forgets a complete replica whose block file is gone. */
  forget(replica: Replica): void {
    this.#replicas.delete(replica.blockId)
  }

  /** Believes the disk about a complete replica: the length of its block file, the generation stamp of its meta file. */
  correct(replica: Replica, generationStamp: bigint, length: number): void {
    replica.generationStamp = generationStamp
    replica.length = length
    replica.bytesAcked = length
    this.#replicas.refresh(replica)
  }

  /** Ends all writing and leaves the next start a list of the replicas. */
  async close(): Promise<void> {
    for (const replica of this.#replicas.live()) this.#stopWork(replica, 'the DataNode stops')
    if (this.count === 0) return
    const lists = new Map(this.slices.map((slice) => [slice, new BufferReplicaList()]))
    await this.#replicas.visitAll((slice, idLow, idHigh, stampLow, stampHigh, length, state) => {
      if (state === replicaStateNumber.TEMPORARY) return
      lists.get(slice)?.add(idLow, idHigh, stampLow, stampHigh, length, state)
    })
    for (const [slice, list] of lists) {
      await slice.saveReplicas(list).catch((error: Error) => {
        this.#logger.warn(
          { volume: slice.volume.path, error: error.message },
          'could not write down the replicas for the next start',
        )
      })
    }
  }

  #requireExact(block: BlockId, attempt: string): Replica {
    const replica = this.#replicas.find(block.blockId)
    if (replica && replica.generationStamp === block.generationStamp) return replica
    throw new ReplicaError(
      'ERR_DN_REPLICA_MISSING',
      `${attempt} ${formatReplica(block)}: found ${replica ? formatReplica(replica) : 'no such replica'}`,
    )
  }

  #checkRecoverable(block: BlockId, newGenerationStamp: bigint, expectedLength: number | undefined): Replica {
    const replica = this.require({ blockId: block.blockId, generationStamp: 0n })
    if (replica.state !== 'FINALIZED' && replica.state !== 'RBW')
      throw wrongState('recover', replica, 'FINALIZED or RBW')
    checkGeneration(replica, block.generationStamp, newGenerationStamp)
    this.#stopWork(replica, 'the pipeline is set up again')
    if (expectedLength === undefined) return replica
    if (replica.state === 'RBW' && replica.length !== replica.bytesAcked) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `recover ${formatReplica(replica)}: found ${replica.length} bytes written and ${replica.bytesAcked} acknowledged`,
      )
    }
    checkLength('recover', replica, expectedLength)
    return replica
  }

  #reopen(replica: Replica, newGenerationStamp: bigint): ReplicaWriter {
    const file = replica.slice.open(replica, 'write')
    try {
      const writer = ReplicaWriter.resume(replica, file)
      this.#rename(replica, 'rbw', newGenerationStamp)
      replica.state = 'RBW'
      return writer
    } catch (error) {
      file.close()
      throw error
    }
  }

  #rename(replica: Replica, place: ReplicaPlace, generationStamp: bigint): void {
    const from = { place: replica.place, blockId: replica.blockId, generationStamp: replica.generationStamp }
    if (from.place === place && from.generationStamp === generationStamp) return
    replica.slice.move(from, { place, blockId: replica.blockId, generationStamp })
    replica.generationStamp = generationStamp
    this.#replicas.refresh(replica)
  }

  #stopWork(replica: Replica, reason: string): void {
    const { work } = replica
    replica.work = undefined
    work?.stop(reason)
  }

  #settle(replica: Replica): void {
    replica.work = undefined
    replica.lastChunk = undefined
    replica.bytesAcked = replica.length
    this.#release(replica)
  }

  #release(replica: Replica): void {
    replica.slice.volume.reservedBytes -= replica.reservedBytes
    replica.reservedBytes = 0
  }

  #removeFiles(replica: Replica): void {
    replica.slice.remove(replica).catch((error: unknown) => {
      this.#logger.error(
        { block: formatReplica(replica), error },
        'could not remove the files of a dropped replica',
      )
    })
  }
}

function wrongState(attempt: string, replica: Replica, wanted: string): ReplicaError {
  return new ReplicaError(
    'ERR_DN_REPLICA_STATE',
    `${attempt} ${formatReplica(replica)}: found it in state ${replica.state}; ${wanted} is allowed`,
  )
}

function checkLength(attempt: string, replica: Replica, expected: number): void {
  if (replica.length === expected) return
  throw new ReplicaError(
    'ERR_DN_REPLICA_STATE',
    `${attempt} ${formatReplica(replica)}: found ${replica.length} bytes; the writer expects ${expected}`,
  )
}

function checkGeneration(replica: Replica, from: bigint, to: bigint): void {
  if (replica.generationStamp >= from && replica.generationStamp <= to) return
  throw new ReplicaError(
    'ERR_DN_REPLICA_STATE',
    `recover ${formatReplica(replica)}: found its generation stamp outside ${from} to ${to}`,
  )
}
