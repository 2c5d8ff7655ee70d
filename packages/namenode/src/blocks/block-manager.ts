/**
 * Which replicas exist, which are missing and which are too many;
 * org.apache.hadoop.hdfs.server.blockmanagement.BlockManager.
 *
 * A replica of a complete block is *live*, *corrupt* (wrong bytes, length or stamp) or *excess* (told to go). The
 * number of live ones against the file's replication puts the block into `low` or orders deletions; copies that are
 * on their way count through `pending`. While the NameNode starts up nothing is judged: when safe mode ends, every
 * block is looked at once.
 */
import type { Datanode, ReplicaToDelete } from '../datanodes/datanode.ts'
import type { DatanodeRegistry } from '../datanodes/datanode-registry.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import type { Environment } from '../environment.ts'
import type { BlockListener, Namespace } from '../namespace/namespace.ts'
import type { Settings } from '../settings.ts'
import { type BlockInfo, noReplicas, replicaState } from './block-info.ts'
import { LowRedundancyBlocks } from './low-redundancy.ts'
import { PendingTransfers } from './pending-transfers.ts'
import { SafeMode } from './safe-mode.ts'

/** Why a replica is no good; CorruptReplicasMap.Reason. */
export type CorruptReason = 'GENSTAMP_MISMATCH' | 'SIZE_MISMATCH' | 'INVALID_STATE' | 'CORRUPTION_REPORTED'

export class BlockManager implements BlockListener {
  readonly namespace: Namespace
  readonly datanodes: DatanodeRegistry
  readonly env: Environment
  readonly settings: Settings
  readonly safeMode: SafeMode
  readonly low = new LowRedundancyBlocks()
  readonly pending = new PendingTransfers()
  /** Bad replicas by block. */
  readonly corrupt = new Map<BlockInfo, Map<Datanode, CorruptReason>>()
  /** Replicas that were told to go and have not yet reported it. */
  readonly excess = new Map<BlockInfo, Set<Datanode>>()

  constructor(namespace: Namespace, datanodes: DatanodeRegistry, env: Environment, settings: Settings) {
    this.namespace = namespace
    this.datanodes = datanodes
    this.env = env
    this.settings = settings
    this.safeMode = new SafeMode(settings)
    for (const block of namespace.blocks.values()) if (block.complete) this.safeMode.total++
  }

  // --- what the namespace tells ---

  added(): void {}

  removed(block: BlockInfo): void {
    const replicas = block.replicas
    block.replicas = noReplicas
    for (const storage of replicas) {
      storage.blocks.delete(block)
      this.orderDeletion(storage.datanode, block)
    }
    for (const replica of block.underConstruction?.replicas ?? []) {
      if (!replicas.includes(replica.storage)) this.orderDeletion(replica.storage.datanode, block)
    }
    this.low.remove(block)
    this.pending.remove(block)
    this.corrupt.delete(block)
    this.excess.delete(block)
    if (!this.safeMode.startingUp || !block.complete) return
    this.safeMode.total--
    if (replicas.length > 0) this.safeMode.safe--
  }

  committed(block: BlockInfo): void {
    for (const replica of block.underConstruction?.replicas ?? []) {
      if (replica.generationStamp !== block.generationStamp) this.removeReplica(replica.storage, block)
    }
    this.completeWhenReplicated(block)
  }

  replicationChanged(block: BlockInfo): void {
    this.judge(block)
  }

  reopened(block: BlockInfo): void {
    this.low.remove(block)
    this.#leaveOutGoing(block)
    // Who appends at once must find all replicas that were just written, reported or not.
    for (const storage of this.pending.written(block)) {
      const { generationStamp } = block
      block.underConstruction?.replicas.push({ storage, generationStamp, state: replicaState.FINALIZED })
    }
    this.pending.remove(block)
    if (!this.safeMode.startingUp) return
    this.safeMode.total--
    if (block.replicas.length > 0) this.safeMode.safe--
  }

  /** A replica that was told to go, or is bad, cannot be written on: its DataNode may delete it in the middle. */
  #leaveOutGoing(block: BlockInfo): void {
    const construction = block.underConstruction
    const corrupt = this.corrupt.get(block)
    const excess = this.excess.get(block)
    if (construction === undefined || (corrupt === undefined && excess === undefined)) return
    construction.replicas = construction.replicas.filter(
      ({ storage: { datanode } }) => !corrupt?.has(datanode) && !excess?.has(datanode),
    )
  }

  // --- replicas ---

  /** Replicas that can be read. */
  liveCount(block: BlockInfo): number {
    const corrupt = this.corrupt.get(block)
    const excess = this.excess.get(block)
    if (corrupt === undefined && excess === undefined) return block.replicas.length
    let live = 0
    for (const { datanode } of block.replicas) {
      if (!corrupt?.has(datanode) && !excess?.has(datanode)) live++
    }
    return live
  }

  /** A DataNode holds a finalized replica with the right length and stamp. */
  addReplica(storage: DatanodeStorage, block: BlockInfo, deleteHint?: Datanode): void {
    const elsewhere = block.replicas.find((held) => held.datanode === storage.datanode && held !== storage)
    if (elsewhere !== undefined) this.removeReplica(elsewhere, block)
    const added = !storage.blocks.has(block)
    if (added) {
      storage.blocks.add(block)
      block.replicas = block.replicas.length === 0 ? storage.alone : block.replicas.concat(storage)
    }
    const reason = this.corrupt.get(block)?.get(storage.datanode)
    if (reason !== undefined && reason !== 'CORRUPTION_REPORTED') this.#forgetCorrupt(block, storage.datanode)
    this.pending.settle(block, storage.datanode)
    if (block.state === 'COMMITTED') this.completeWhenReplicated(block)
    else if (added && block.complete && this.safeMode.startingUp && block.replicas.length === 1) {
      this.safeMode.safe++
    }
    this.judge(block, deleteHint)
  }

  /** A replica is gone, by deletion or with its DataNode. */
  removeReplica(storage: DatanodeStorage, block: BlockInfo): void {
    if (!storage.blocks.delete(block)) return
    block.replicas = block.replicas.filter((held) => held !== storage)
    this.#forgetCorrupt(block, storage.datanode)
    const excess = this.excess.get(block)
    if (excess?.delete(storage.datanode) && excess.size === 0) this.excess.delete(block)
    if (this.safeMode.startingUp && block.complete && block.replicas.length === 0) this.safeMode.safe--
    this.judge(block)
  }

  /** A replica has wrong bytes, length or stamp; `found` says what is on the disk. */
  markCorrupt(
    storage: DatanodeStorage,
    block: BlockInfo,
    found: { readonly generationStamp: number; readonly numBytes: number },
    reason: CorruptReason,
  ): void {
    const outdated = found.generationStamp < block.generationStamp
    if (!storage.blocks.has(block)) {
      storage.blocks.add(block)
      block.replicas = block.replicas.concat(storage)
    }
    const bad = this.corrupt.get(block) ?? new Map<Datanode, CorruptReason>()
    bad.set(storage.datanode, reason)
    this.corrupt.set(block, bad)
    const live = this.liveCount(block)
    if (live >= block.replication || (outdated && live >= this.settings.replicationMin)) {
      this.#deleteReplica(storage, block, found.generationStamp)
    } else {
      this.judge(block)
    }
  }

  /** Whether the client may call the block finished. */
  hasMinimalReplication(block: BlockInfo): boolean {
    return this.liveCount(block) >= this.settings.replicationMin
  }

  /** COMMITTED becomes COMPLETE when enough replicas are; those still on their way count as pending. */
  completeWhenReplicated(block: BlockInfo): void {
    if (block.state !== 'COMMITTED' || !this.hasMinimalReplication(block)) return
    const expected = block.underConstruction?.replicas ?? []
    block.state = 'COMPLETE'
    block.underConstruction = undefined
    const coming = expected
      .map((replica) => replica.storage)
      .filter((storage) => storage.datanode.alive && !block.replicas.includes(storage))
    if (coming.length > 0) this.pending.addWritten(block, coming, this.env.elapsed())
    if (this.safeMode.startingUp) {
      this.safeMode.total++
      this.safeMode.safe++
    }
    this.judge(block)
  }

  // --- judgement ---

  /** Compares live replicas with the replication wanted and acts on the difference. */
  judge(block: BlockInfo, deleteHint?: Datanode): void {
    if (this.safeMode.startingUp) return
    if (!block.complete || block.file === undefined) {
      this.low.remove(block)
      return
    }
    const live = this.liveCount(block)
    const wanted = block.replication
    if (live + this.pending.count(block) >= wanted) this.low.remove(block)
    else this.low.update(block, live, wanted)
    if (live > wanted) this.#orderExcessDeletion(block, live - wanted, deleteHint)
    if (live >= wanted) this.#deleteCorruptReplicas(block)
  }

  /** After start-up, and only then, every block has to be looked at. */
  judgeAll(): void {
    for (const block of this.namespace.blocks.values()) this.judge(block)
  }

  orderDeletion(datanode: Datanode, replica: ReplicaToDelete): void {
    datanode.toDelete.set(replica.id, {
      id: replica.id,
      generationStamp: replica.generationStamp,
      numBytes: replica.numBytes,
    })
  }

  #deleteReplica(storage: DatanodeStorage, block: BlockInfo, generationStamp: number): void {
    this.orderDeletion(storage.datanode, { id: block.id, generationStamp, numBytes: block.numBytes })
    this.removeReplica(storage, block)
  }

  #deleteCorruptReplicas(block: BlockInfo): void {
    const corrupt = this.corrupt.get(block)
    if (corrupt === undefined) return
    for (const storage of block.replicas) {
      if (corrupt.has(storage.datanode)) this.#deleteReplica(storage, block, block.generationStamp)
    }
  }

  /**
   * Makes room for a good copy where every other DataNode has one: without this, a cluster with as many DataNodes as
   * replicas would keep a bad replica for ever (Java's does). One at a time, and never the last that may have something.
   */
  giveUpCorruptReplica(block: BlockInfo): void {
    const corrupt = this.corrupt.get(block)
    if (corrupt === undefined || this.liveCount(block) < Math.max(1, this.settings.replicationMin)) return
    const storage = block.replicas.find(({ datanode }) => corrupt.has(datanode))
    if (storage !== undefined) this.#deleteReplica(storage, block, block.generationStamp)
  }

  /** The hinted replica goes first, then those on the fullest DataNodes. */
  #orderExcessDeletion(block: BlockInfo, count: number, deleteHint: Datanode | undefined): void {
    const corrupt = this.corrupt.get(block)
    const excess = this.excess.get(block) ?? new Set<Datanode>()
    const candidates = block.replicas
      .map((storage) => storage.datanode)
      .filter((datanode) => !corrupt?.has(datanode) && !excess.has(datanode))
      .sort((a, b) => Number(b === deleteHint) - Number(a === deleteHint) || freeShare(a) - freeShare(b))
    for (const datanode of candidates.slice(0, count)) {
      excess.add(datanode)
      this.orderDeletion(datanode, block)
    }
    this.excess.set(block, excess)
  }

  #forgetCorrupt(block: BlockInfo, datanode: Datanode): void {
    const corrupt = this.corrupt.get(block)
    if (corrupt?.delete(datanode) && corrupt.size === 0) this.corrupt.delete(block)
  }
}

function freeShare(datanode: Datanode): number {
  return datanode.total('remaining') / Math.max(datanode.total('capacity'), 1)
}
