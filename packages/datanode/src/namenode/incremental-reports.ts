import {
  ReceivedDeletedBlockInfoProto_BlockStatus as BlockStatus,
  type DatanodeStorageProto,
  type ReceivedDeletedBlockInfoProto,
  type StorageReceivedDeletedBlocksProto,
} from '@cairn/hadoop-proto'
import { incrementalEntriesMax } from '../limits.ts'
import type { Replica } from '../storage/replica.ts'
import type { Volume } from '../storage/volume.ts'

export type IncrementalStatus = keyof typeof BlockStatus

/**
 * What happened to replicas since the NameNode was last told; Java's `IncrementalBlockReportManager`. A later event
 * of a block replaces an earlier one that was not sent yet.
 */
export class IncrementalReports {
  readonly #pending = new Map<Volume, Map<bigint, ReceivedDeletedBlockInfoProto>>()
  #count = 0
  #urgent = false
  #overflowed = false

  /** Whether something waits that the NameNode must hear at once: it holds files open until then. */
  get urgent(): boolean {
    return this.#urgent
  }

  get empty(): boolean {
    return this.#count === 0
  }

  /** True once when so much was left out that only a full report will do. */
  takeOverflow(): boolean {
    const overflowed = this.#overflowed
    this.#overflowed = false
    return overflowed
  }

  add(replica: Replica, status: IncrementalStatus, deleteHint?: string): void {
    this.#put(replica.slice.volume, {
      block: {
        blockId: replica.blockId,
        genStamp: replica.generationStamp,
        numBytes: BigInt(status === 'RECEIVING' ? replica.length + replica.reservedBytes : replica.length),
      },
      deleteHint,
      status: BlockStatus[status],
    })
    if (status === 'RECEIVED') this.#urgent = true
  }

  /** Everything that waits, one entry a storage; undefined when there is nothing. */
  take(): StorageReceivedDeletedBlocksProto[] | undefined {
    this.#urgent = false
    if (this.#count === 0) return undefined
    const told = [...this.#pending].filter(([, blocks]) => blocks.size > 0)
    const reports = told.map(([volume, blocks]) => ({
      storageUuid: volume.storageId,
      blocks: [...blocks.values()],
      storage: storageOf(volume),
    }))
    this.clear()
    return reports
  }

  /** Puts back what could not be sent, behind what happened since. */
  restore(reports: readonly StorageReceivedDeletedBlocksProto[], volumes: readonly Volume[]): void {
    for (const report of reports) {
      const volume = volumes.find((candidate) => candidate.storageId === report.storageUuid)
      if (!volume) continue
      for (const info of report.blocks) {
        if (!this.#isPending(info.block.blockId)) this.#put(volume, info)
      }
    }
    this.#urgent = this.#count > 0
  }

  /** Forgets everything: a full report says it all. */
  clear(): void {
    this.#pending.clear()
    this.#count = 0
    this.#urgent = false
  }

  #put(volume: Volume, info: ReceivedDeletedBlockInfoProto): void {
    if (this.#count >= incrementalEntriesMax) {
      this.clear()
      this.#overflowed = true
    }
    let blocks = this.#pending.get(volume)
    if (!blocks) {
      blocks = new Map()
      this.#pending.set(volume, blocks)
    }
    // Also on another volume: of a block that was moved only the last place may be told, whatever the order.
    for (const entries of this.#pending.values()) if (entries.delete(info.block.blockId)) this.#count--
    blocks.set(info.block.blockId, info)
    this.#count++
  }

  #isPending(blockId: bigint): boolean {
    for (const entries of this.#pending.values()) if (entries.has(blockId)) return true
    return false
  }
}

/** How reports name a volume. */
export function storageOf(volume: Volume): DatanodeStorageProto {
  return { storageUuid: volume.storageId, state: 0, storageType: volume.storageType }
}
