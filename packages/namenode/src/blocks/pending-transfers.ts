/**
 * Copies that were ordered and not yet reported; they count as replicas until they time out.
 * org.apache.hadoop.hdfs.server.blockmanagement.PendingReconstructionBlocks.
 */
import type { Datanode } from '../datanodes/datanode.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import type { BlockInfo } from './block-info.ts'

interface Pending {
  readonly targets: Set<Datanode>
  /** Storages of targets that have the replica already: its writer said so, they have not. */
  written: readonly DatanodeStorage[]
  orderedMs: number
}

export class PendingTransfers {
  readonly #pending = new Map<BlockInfo, Pending>()

  get size(): number {
    return this.#pending.size
  }

  count(block: BlockInfo): number {
    return this.#pending.get(block)?.targets.size ?? 0
  }

  targets(block: BlockInfo): Iterable<Datanode> {
    return this.#pending.get(block)?.targets ?? []
  }

  add(block: BlockInfo, targets: Iterable<Datanode>, nowMs: number): void {
    let pending = this.#pending.get(block)
    if (pending === undefined) {
      pending = { targets: new Set(), written: [], orderedMs: nowMs }
      this.#pending.set(block, pending)
    }
    pending.orderedMs = nowMs
    for (const target of targets) pending.targets.add(target)
    if (pending.targets.size === 0) this.#pending.delete(block)
  }

  /** Replicas that a writer finished at these storages, and whose DataNodes have yet to report them. */
  addWritten(block: BlockInfo, storages: readonly DatanodeStorage[], nowMs: number): void {
    this.add(
      block,
      storages.map(({ datanode }) => datanode),
      nowMs,
    )
    const pending = this.#pending.get(block)
    if (pending !== undefined) pending.written = storages
  }

  /** Where a writer finished replicas that are still not reported. */
  written(block: BlockInfo): readonly DatanodeStorage[] {
    const pending = this.#pending.get(block)
    return pending?.written.filter(({ datanode }) => pending.targets.has(datanode)) ?? []
  }

  /** The copy arrived, or will never. */
  settle(block: BlockInfo, target: Datanode): void {
    const pending = this.#pending.get(block)
    if (pending?.targets.delete(target) && pending.targets.size === 0) this.#pending.delete(block)
  }

  remove(block: BlockInfo): void {
    this.#pending.delete(block)
  }

  /** A DataNode died: nothing it was to receive will come. Returns the blocks concerned. */
  removeTarget(target: Datanode): BlockInfo[] {
    const concerned: BlockInfo[] = []
    for (const [block, pending] of this.#pending) {
      if (pending.targets.has(target)) concerned.push(block)
    }
    for (const block of concerned) this.settle(block, target)
    return concerned
  }

  /** Forgets what was ordered before `beforeMs` and returns it. */
  takeTimedOut(beforeMs: number): BlockInfo[] {
    const late: BlockInfo[] = []
    for (const [block, pending] of this.#pending) if (pending.orderedMs < beforeMs) late.push(block)
    for (const block of late) this.#pending.delete(block)
    return late
  }
}
