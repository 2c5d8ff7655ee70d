import type { BlockReader } from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import { replicaFailed } from '../diagnostics.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import { pause } from '../pause.ts'
import type { LocatedFile } from './located-file.ts'
import { failureOfReplica, openReplica } from './replica-reader.ts'
import { reportBadReplica } from './report-bad-replica.ts'
import { StripedGroup } from './striped-group.ts'

/** How often locations are asked for again before a read gives up. */
const roundsMax = 3
/** Wait before the third round, in milliseconds; the second begins at once, as other units may be somewhere by now. */
const roundWaitMs = 900

/** Who has the units of one group, and which of them failed. */
export class StripedUnits {
  readonly #context: ClientContext
  readonly #file: LocatedFile
  readonly #signal: AbortSignal | undefined
  #group: StripedGroup
  readonly #failed = new Set<number>()
  /** Damaged: another round does not mend them. */
  readonly #corrupt = new Set<number>()
  #round = 0
  #lastError: unknown

  constructor(
    context: ClientContext,
    file: LocatedFile,
    group: StripedGroup,
    signal: AbortSignal | undefined,
  ) {
    this.#context = context
    this.#file = file
    this.#group = group
    this.#signal = signal
  }

  get group(): StripedGroup {
    return this.#group
  }

  /** Units worth a try: data before parity, those on DataNodes that failed lately last. */
  usable(): number[] {
    const isDead = (unit: number) =>
      Number(this.#context.deadNodes.has(this.#group.unit(unit)!.locs[0]!.id.datanodeUuid))
    return this.#group.present
      .filter((unit) => !this.#failed.has(unit) && !this.#corrupt.has(unit))
      .sort((a, b) => isDead(a) - isDead(b) || a - b)
  }

  /** Nothing is known against this unit. */
  isGood(unit: number): boolean {
    const located = this.#group.unit(unit)
    return (
      located !== undefined &&
      !this.#failed.has(unit) &&
      !this.#corrupt.has(unit) &&
      !this.#context.deadNodes.has(located.locs[0]!.id.datanodeUuid)
    )
  }

  /** Asks the DataNode of a unit for a range of its internal block. */
  async open(unit: number, offset: number, length: number): Promise<BlockReader> {
    const located = this.#group.unit(unit)!
    const node = located.locs[0]!
    const reader = await openReplica(this.#context, located, node, { offset, length, signal: this.#signal })
    this.#context.deadNodes.delete(node.id.datanodeUuid)
    return reader
  }

  /** A unit is out for this round; the NameNode hears of one whose bytes are damaged. */
  async failed(unit: number, error: unknown): Promise<void> {
    if (error instanceof HdfsFileError) throw error
    this.#signal?.throwIfAborted()
    this.#lastError = error
    const located = this.#group.unit(unit)!
    const node = located.locs[0]!
    const failure = failureOfReplica(error)
    if (replicaFailed.hasSubscribers) {
      const { blockId } = located.b
      const datanode = node.id.datanodeUuid
      replicaFailed.publish({ path: this.#file.path, blockId, datanode, failure, error })
    }
    this.#failed.add(unit)
    if (failure === 'corrupt') {
      this.#corrupt.add(unit)
      await reportBadReplica(this.#context, located, node)
    } else if (failure === 'unreachable') {
      this.#context.deadNodes.add(node.id.datanodeUuid)
    }
  }

  /** Why no more can be read in this round. */
  tooFew(): TooFewUnits {
    return new TooFewUnits()
  }

  /** Enough units were read: rounds are counted from here again. */
  succeeded(): void {
    this.#round = 0
  }

  /** After `TooFewUnits`: asks the NameNode who has the units now. Rejects with EIO after the last round. */
  async nextRound(position: number): Promise<void> {
    this.#round += 1
    if (this.#round >= roundsMax) throw this.#giveUp(position)
    if (this.#round > 1) await pause(roundWaitMs, this.#signal)
    const located = await this.#file.refresh(this.#group.located, { signal: this.#signal })
    this.#group = new StripedGroup(located, this.#group.striping)
    this.#failed.clear()
  }

  #giveUp(position: number): HdfsFileError {
    const { poolId, blockId, generationStamp } = this.#group.located.b
    const { schema } = this.#group.striping
    const bad = this.#corrupt.size > 0 ? ` (${this.#corrupt.size} with wrong checksums)` : ''
    const last = this.#lastError instanceof Error ? `; the last one: ${this.#lastError.message}` : ''
    const detail = `of block group ${poolId}:blk_${blockId}_${generationStamp} too few units could be read at ${position}: ${schema.dataUnits} of ${this.#group.unitCount} are needed, ${this.#group.present.length} are known${bad}${last}`
    return new HdfsFileError('EIO', 'read', { path: this.#file.path, detail, cause: this.#lastError })
  }
}

/** Fewer units are left in this round than decoding needs. */
export class TooFewUnits extends Error {
  override readonly name = 'TooFewUnits'
}
