// Bytes [start, end) of one block, from whichever of its replicas gives them.
//
//   choose ──► read ──► done
//     ▲          │ fails at position p: what came before p is right and delivered
//     └──────────┘ next replica, from p on; DataNodes that failed lately come last
//     │ none left: ask the NameNode for locations again, wait, start over; after `roundsMax` rounds reject
//
// A replica whose bytes differ from their checksums is reported to the NameNode (reportBadBlocks) and, behind that place,
// read again only when all others have failed.

import type { DatanodeInfoProto, LocatedBlockProto } from '@cairn/hadoop-proto'
import type { BlockReader } from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import { replicaFailed } from '../diagnostics.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import { pause } from '../pause.ts'
import type { LocatedFile } from './located-file.ts'
import { failureOfReplica, openReplica } from './replica-reader.ts'
import { reportBadReplica } from './report-bad-replica.ts'

/** How often every replica is tried before a read gives up (dfs.client.max.block.acquire.failures = 3). */
const roundsMax = 3
/** Wait before the second round, in milliseconds; the third waits three times as long. */
const roundWaitMs = 300

/** A part of one block, being read. */
export class BlockStream {
  readonly #context: ClientContext
  readonly #file: LocatedFile
  readonly #end: number
  readonly #signal: AbortSignal | undefined
  #block: LocatedBlockProto
  #position: number
  #replica: BlockReader | undefined
  #node: DatanodeInfoProto | undefined
  /** Failed in this round. */
  readonly #failed = new Set<string>()
  /** Bad in every round at this position of the file; what comes after it may be good. */
  readonly #corrupt = new Map<string, number>()
  #round = 0
  #lastError: unknown
  #closed = false

  /** `range` is in file offsets and within the block. */
  constructor(
    context: ClientContext,
    file: LocatedFile,
    block: LocatedBlockProto,
    range: { start: number; end: number },
    signal: AbortSignal | undefined,
  ) {
    this.#context = context
    this.#file = file
    this.#block = block
    this.#position = range.start
    this.#end = range.end
    this.#signal = signal
  }

  /** File offset of the next byte. */
  get position(): number {
    return this.#position
  }
  get remaining(): number {
    return this.#end - this.#position
  }

  /** Copies at least one byte, unless none remain; a number at once when the bytes are here already. */
  read(target: Uint8Array): number | Promise<number> {
    const replica = this.#replica
    if (replica === undefined) return this.#readSlowly(target, undefined)
    try {
      const result = replica.read(target)
      if (typeof result !== 'number' || result === 0) return this.#readSlowly(target, result)
      this.#position += result
      return result
    } catch (error) {
      return this.#readSlowly(target, Promise.reject(error))
    }
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  /** Waits for `pending`, the answer of the replica at hand; opens one after another until one delivers. */
  async #readSlowly(target: Uint8Array, pending: number | Promise<number> | undefined): Promise<number> {
    if (this.remaining === 0 || target.length === 0) return 0
    let result = pending
    for (;;) {
      try {
        result ??= (await this.#open()).read(target)
        const count = await result
        if (count > 0) {
          this.#position += count
          // Rounds are counted at one position: what failed long ago says nothing about this one.
          this.#round = 0
          if (this.#node) this.#context.deadNodes.delete(this.#node.id.datanodeUuid)
          return count
        }
        throw new Error(`read a replica: it ended ${this.remaining} bytes early`)
      } catch (error) {
        if (error instanceof HdfsFileError) throw error
        this.#signal?.throwIfAborted()
        if (this.#closed) throw new HdfsFileError('EBADF', 'read', { path: this.#file.path })
        await this.#fellOver(error)
        result = undefined
      }
    }
  }

  async #open(): Promise<BlockReader> {
    const node = this.#choose() ?? (await this.#nextRound())
    this.#node = node
    const offset = this.#position - Number(this.#block.offset)
    const replica = await openReplica(this.#context, this.#block, node, {
      offset,
      length: this.remaining,
      signal: this.#signal,
    })
    this.#replica = replica
    if (this.#closed) this.#drop()
    return replica
  }

  /** The nearest replica not tried in this round; those on DataNodes that failed lately last. */
  #choose(): DatanodeInfoProto | undefined {
    let last: DatanodeInfoProto | undefined
    for (const node of this.#block.locs) {
      const uuid = node.id.datanodeUuid
      const badAt = this.#corrupt.get(uuid)
      if (this.#failed.has(uuid) || badAt === this.#position) continue
      if (badAt === undefined && !this.#context.deadNodes.has(uuid)) return node
      last ??= node
    }
    return last
  }

  async #nextRound(): Promise<DatanodeInfoProto> {
    this.#round += 1
    if (this.#round >= roundsMax) throw this.#giveUp()
    // Replicas that were only unreachable may come back; the NameNode may know others by now.
    if (this.#round > 1 || this.#failed.size > 0)
      await pause(roundWaitMs * (2 * this.#round - 1), this.#signal)
    this.#failed.clear()
    this.#block = await this.#file.refresh(this.#block, { signal: this.#signal })
    const node = this.#choose()
    if (node === undefined) throw this.#giveUp()
    return node
  }

  /** One replica failed at the current position: the loop goes on with another. */
  async #fellOver(error: unknown): Promise<void> {
    this.#lastError = error
    this.#drop()
    const node = this.#node
    if (node === undefined) return
    const failure = failureOfReplica(error)
    if (replicaFailed.hasSubscribers) {
      const { blockId } = this.#block.b
      replicaFailed.publish({
        path: this.#file.path,
        blockId,
        datanode: node.id.datanodeUuid,
        failure,
        error,
      })
    }
    if (failure === 'corrupt') {
      this.#corrupt.set(node.id.datanodeUuid, this.#position)
      await reportBadReplica(this.#context, this.#block, node)
    } else if (failure === 'token' && !this.#failed.has(node.id.datanodeUuid)) {
      // Block tokens run out: fresh locations bring fresh ones.
      this.#failed.add(node.id.datanodeUuid)
      this.#block = await this.#file.refresh(this.#block, { signal: this.#signal })
    } else {
      this.#failed.add(node.id.datanodeUuid)
      if (failure === 'unreachable') this.#context.deadNodes.add(node.id.datanodeUuid)
    }
  }

  #drop(): void {
    // Never rejects: it ends the connection, or has given it back already.
    void this.#replica?.close()
    this.#replica = undefined
  }

  #giveUp(): HdfsFileError {
    const { poolId, blockId, generationStamp } = this.#block.b
    const count = this.#block.locs.length
    const bad = this.#corrupt.size > 0 ? ` (${this.#corrupt.size} with wrong checksums)` : ''
    const last = this.#lastError instanceof Error ? `; the last one: ${this.#lastError.message}` : ''
    const detail = `none of the ${count} replicas of ${poolId}:blk_${blockId}_${generationStamp} could be read at ${this.#position}${bad}${last}`
    return new HdfsFileError('EIO', 'read', { path: this.#file.path, detail, cause: this.#lastError })
  }
}
