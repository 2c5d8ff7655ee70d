// Which replicas a pool has. Complete ones, nearly all, are rows of a table; a `Replica` object is made when somebody
// asks for one, and there is never a second object of the same replica while the first is in use. Replicas that are
// written, copied or recovered keep their object.
import { setImmediate } from 'node:timers/promises'
import { sliceMs } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { formatReplica, Replica, type ReplicaState, replicaStateNumber } from './replica.ts'
import { type ReplicaRow, ReplicaTable } from './replica-table.ts'
import type { FoundReplicas, PoolSlice } from './volume.ts'

const seenInitial = 1024
const shardsAtOnce = 16

/** Numbers of one replica; 64-bit numbers in halves, as signed 32-bit words. */
export type ReplicaVisitor = (
  slice: PoolSlice,
  idLow: number,
  idHigh: number,
  stampLow: number,
  stampHigh: number,
  length: number,
  /** A number of `replicaStateNumber`, as reports tell it. */
  state: number,
) => void

export class ReplicaIndex {
  readonly #table = new ReplicaTable()
  /** Row owners; a slice keeps its number. */
  readonly #slices: PoolSlice[] = []
  readonly #live = new Map<bigint, Replica>()
  /** Objects of complete replicas that were handed out. */
  readonly #seen = new Map<bigint, WeakRef<Replica>>()
  #seenMax = seenInitial

  get count(): number {
    return this.#table.count
  }

  find(blockId: bigint): Replica | undefined {
    const live = this.#live.get(blockId) ?? this.#seen.get(blockId)?.deref()
    if (live) return live
    const row = this.#table.find(blockId)
    if (!row) return undefined
    const replica = new Replica(
      this.#slices[row.owner]!,
      blockId,
      row.generationStamp,
      'FINALIZED',
      row.length,
    )
    replica.keeper = this
    this.#remember(replica)
    return replica
  }

  /** The replica of its block from now on. */
  put(replica: Replica): void {
    replica.keeper = this
    const { blockId, generationStamp, length } = replica
    const live = replica.state !== 'FINALIZED'
    this.#table.set(blockId, generationStamp, length, this.#ownerOf(replica.slice), live)
    if (live) {
      this.#live.set(blockId, replica)
      this.#seen.delete(blockId)
    } else {
      this.#live.delete(blockId)
      this.#remember(replica)
    }
  }

  delete(blockId: bigint): void {
    this.#table.delete(blockId)
    this.#live.delete(blockId)
    this.#seen.delete(blockId)
  }

  /** Takes over generation stamp and length of a replica that is kept here. */
  refresh(replica: Replica): void {
    if (this.#isKept(replica)) this.put(replica)
  }

  stateChanged(replica: Replica): void {
    this.refresh(replica)
  }

  /** Replicas that are not complete, or were not when they were last touched. */
  live(): IterableIterator<Replica> {
    return this.#live.values()
  }

  /** Every replica as an object; the index may change meanwhile. */
  *replicas(): IterableIterator<Replica> {
    for (let shard = 0; shard < this.#table.shardCount; shard++) {
      for (const blockId of this.#table.blockIds(shard)) {
        const replica = this.find(blockId)
        if (replica) yield replica
      }
    }
  }

  /** Parts for `visit` and `blockIds`. */
  get shardCount(): number {
    return this.#table.shardCount
  }

  /** Blocks of one part. */
  blockIds(shard: number): bigint[] {
    return this.#table.blockIds(shard)
  }

  /** Visits the replicas of one part; nothing may change meanwhile. A part of a million replicas takes some 100 µs. */
  visit(shard: number, visitor: ReplicaVisitor): void {
    this.#table.visit(shard, (idLow, idHigh, stampLow, stampHigh, length, owner, live) => {
      const slice = this.#slices[owner]!
      if (!live) {
        visitor(slice, idLow, idHigh, stampLow, stampHigh, length, replicaStateNumber.FINALIZED)
        return
      }
      const replica = this.#live.get((BigInt(idHigh) << 32n) | BigInt(idLow >>> 0))!
      const state = replicaStateNumber[replica.reportedState]
      visitor(replica.slice, idLow, idHigh, stampLow, stampHigh, replica.length, state)
    })
  }

  /**
   * Visits all replicas beside other work. One that comes, goes or changes meanwhile is visited as it was before or
   * as it is after, if it was there before and after it is never left out.
   */
  async visitAll(visitor: ReplicaVisitor): Promise<void> {
    let sinceMs = performance.now()
    for (let shard = 0; shard < this.#table.shardCount; shard++) {
      this.visit(shard, visitor)
      if (performance.now() - sinceMs < sliceMs) continue
      await setImmediate()
      sinceMs = performance.now()
    }
  }

  /** Begins a look at a volume: its replicas count as unseen until `see`, or until they change. */
  async markUnseen(slice: PoolSlice): Promise<void> {
    const owner = this.#slices.indexOf(slice)
    for (let shard = 0; shard < this.#table.shardCount; shard++) {
      this.#table.markUnseen(shard, owner)
      if (shard % shardsAtOnce === 0) await setImmediate()
    }
  }

  see(blockId: bigint): void {
    this.#table.see(blockId)
  }

  /** The volume's blocks of one part that were not seen. */
  unseen(shard: number, slice: PoolSlice): bigint[] {
    return this.#table.unseen(shard, this.#slices.indexOf(slice))
  }

  /** Replicas on one volume. */
  countOf(slice: PoolSlice): number {
    const owner = this.#slices.indexOf(slice)
    return owner < 0 ? 0 : this.#table.ownerRows(owner)
  }

  /** Replicas by state. */
  countStates(): Record<ReplicaState, number> {
    const counts = { FINALIZED: this.#table.count - this.#live.size, RBW: 0, RWR: 0, RUR: 0, TEMPORARY: 0 }
    for (const replica of this.#live.values()) counts[replica.state]++
    return counts
  }

  /** What a replica's row says, without making an object of it. */
  row(blockId: bigint): (ReplicaRow & { readonly slice: PoolSlice }) | undefined {
    const row = this.#table.find(blockId)
    return row && { ...row, slice: this.#slices[row.owner]! }
  }

  /**
   * Takes in what a volume finds on itself. Of the same block on two volumes the newer, then the longer one is kept; a
   * complete one that is left over, as when a kill came at the end of a move, is removed.
   */
  sink(slice: PoolSlice, logger: Logger): FoundReplicas {
    const owner = this.#ownerOf(slice)
    const isBetter = (blockId: bigint, generationStamp: bigint, length: number): boolean => {
      const other = this.#table.find(blockId)
      if (!other) return true
      logger.warn({ block: formatReplica({ blockId, generationStamp }) }, 'found a block on two volumes')
      const newer = generationStamp - other.generationStamp
      return newer > 0n || (newer === 0n && length > other.length)
    }
    return {
      finalized: (blockId, generationStamp, length) => {
        const other = this.row(blockId)
        const better = isBetter(blockId, generationStamp, length)
        if (other && !other.live && other.slice !== slice) {
          const left = better ? other : { slice, generationStamp }
          const name = { place: 'finalized', blockId, generationStamp: left.generationStamp } as const
          left.slice.remove(name).catch((error: Error) => {
            logger.warn(
              { block: formatReplica(name), error: error.message },
              'could not remove a second replica',
            )
          })
        }
        if (!better) return
        this.delete(blockId)
        this.#table.set(blockId, generationStamp, length, owner, false)
      },
      unfinished: (replica) => {
        if (!isBetter(replica.blockId, replica.generationStamp, replica.length)) return
        this.delete(replica.blockId)
        this.put(replica)
      },
    }
  }

  #isKept(replica: Replica): boolean {
    const { blockId } = replica
    return this.#live.get(blockId) === replica || this.#seen.get(blockId)?.deref() === replica
  }

  #ownerOf(slice: PoolSlice): number {
    const known = this.#slices.indexOf(slice)
    return known >= 0 ? known : this.#slices.push(slice) - 1
  }

  #remember(replica: Replica): void {
    if (this.#seen.get(replica.blockId)?.deref() === replica) return
    this.#seen.set(replica.blockId, new WeakRef(replica))
    if (this.#seen.size <= this.#seenMax) return
    for (const [blockId, reference] of this.#seen) {
      if (reference.deref() === undefined) this.#seen.delete(blockId)
    }
    this.#seenMax = Math.max(seenInitial, this.#seen.size * 2)
  }
}
