// Reads a block group from as many of its units as decoding needs, each from another DataNode, all at the same
// position; as Java's `StripedReader`. A unit that fails is replaced by one that was not needed so far.
import { AccessModeProto } from '@cairn/hadoop-proto'
import { BlockReadError, type BlockReader, datanodeAddress, openBlockReader } from '@cairn/hdfs-block-io'
import type { ChecksumFormat } from '@cairn/hdfs-protocol'
import type { TransferContext } from '../transfer/transfer-context.ts'
import { type BlockGroup, unitBlock, unitCount, unitLength } from './block-group.ts'

export interface StripedReaderOptions {
  /** Bytes of each unit to hold, cut down to whole chunks but at least one. */
  readonly bufferBytes: number
  /** Silence after which another unit is read instead, if there is one. */
  readonly timeoutMs: number
  /** Ends everything. */
  readonly signal: AbortSignal
  /** Units that are not to be asked for. */
  readonly without?: readonly number[]
}

/** One unit that is read. */
interface ActiveUnit {
  readonly unit: number
  readonly length: number
  buffer: Uint8Array
  reader: BlockReader | undefined
}

/** Fewer units than decoding needs can be read. `code` is `ERR_DN_EC_SOURCES`. */
export class SourcesLostError extends Error {
  override readonly name = 'SourcesLostError'
  readonly code = 'ERR_DN_EC_SOURCES'
}

export class StripedReader {
  readonly #context: TransferContext
  readonly #group: BlockGroup
  readonly #options: StripedReaderOptions
  /** Units that are there and not read, the next one first. */
  readonly #spares: number[]
  readonly #slots: ActiveUnit[] = []
  #zeros: Uint8Array = new Uint8Array(0)
  readonly #failures: string[] = []
  #position = 0
  #checksum: ChecksumFormat | undefined

  constructor(context: TransferContext, group: BlockGroup, options: StripedReaderOptions) {
    this.#context = context
    this.#group = group
    this.#options = options
    this.#spares = [...group.sources.keys()]
      .filter((unit) => unitLength(group, unit) > 0 && !options.without?.includes(unit))
      .sort((a, b) => a - b)
  }

  /** How the units are guarded, as the first one that was opened says. */
  get checksum(): ChecksumFormat {
    return this.#checksum!
  }

  /** How many bytes to read at a time: whole chunks, as many as the buffers hold. */
  get sliceBytes(): number {
    const { bytesPerChecksum } = this.checksum
    return Math.max(1, Math.floor(this.#options.bufferBytes / bytesPerChecksum)) * bytesPerChecksum
  }

  /** Opens as many units as decoding needs. Rejects with `SourcesLostError`. */
  async open(): Promise<void> {
    await this.#all(
      Array.from({ length: sourcesNeeded(this.#group) }, async (_, slot) => {
        this.#slots[slot] = await this.#openSpare(this.#zeros, 0)
      }),
    )
    const { sliceBytes } = this
    this.#zeros = new Uint8Array(sliceBytes)
    for (const slot of this.#slots) slot.buffer = new Uint8Array(sliceBytes)
  }

  /**
   * The next `count` bytes of the units that are read, by unit, with zeros behind the end of a shorter one; data units
   * that have no bytes in this group are zeros too [ec.zeros.1]. Valid until the next call.
   */
  async read(count: number): Promise<(Uint8Array | undefined)[]> {
    const position = this.#position
    await this.#all(this.#slots.map((_, slot) => this.#fill(slot, position, count)))
    this.#position += count
    const units = new Array<Uint8Array | undefined>(unitCount(this.#group)).fill(undefined)
    for (let unit = 0; unit < this.#group.schema.dataUnits; unit++) {
      if (unitLength(this.#group, unit) === 0) units[unit] = this.#zeros.subarray(0, count)
    }
    for (const { unit, buffer } of this.#slots) units[unit] = buffer.subarray(0, count)
    return units
  }

  close(): void {
    for (const slot of this.#slots) void slot?.reader?.close()
  }

  /** All of them, or the first failure once every one has ended: nothing goes on behind the caller's back. */
  async #all(steps: Promise<void>[]): Promise<void> {
    const ended = await Promise.allSettled(steps)
    for (const step of ended) if (step.status === 'rejected') throw step.reason
  }

  async #fill(slot: number, position: number, count: number): Promise<void> {
    for (;;) {
      const active = this.#slots[slot]!
      const wanted = Math.min(count, Math.max(0, active.length - position))
      try {
        if (wanted > 0) await readAll(active, wanted)
        active.buffer.fill(0, wanted, count)
        return
      } catch (error) {
        this.#failed(active.unit, error)
        void active.reader?.close()
        this.#slots[slot] = await this.#openSpare(active.buffer, position)
      }
    }
  }

  async #openSpare(buffer: Uint8Array, position: number): Promise<ActiveUnit> {
    for (let unit = this.#spares.shift(); unit !== undefined; unit = this.#spares.shift()) {
      try {
        return await this.#openUnit(unit, buffer, position)
      } catch (error) {
        this.#failed(unit, error)
      }
    }
    throw new SourcesLostError(
      `read block group ${this.#group.block.blockId}: found too few of its units, ${sourcesNeeded(this.#group)} are needed: ${this.#failures.join('; ') || 'no others were named'}`,
    )
  }

  async #openUnit(unit: number, buffer: Uint8Array, position: number): Promise<ActiveUnit> {
    const { peers, security, useDatanodeHostname, idleMs } = this.#context
    const { node } = this.#group.sources.get(unit)!
    const length = unitLength(this.#group, unit)
    // Behind the end of a short unit there are only zeros.
    if (position >= length) return { unit, length, buffer, reader: undefined }
    const block = unitBlock(this.#group, unit, length)
    const reader = await openBlockReader({
      connections: peers,
      block,
      token: security.makeToken(block, { modes: [AccessModeProto.READ], storageTypes: [], storageIds: [] }),
      datanode: datanodeAddress(node, useDatanodeHostname),
      offset: position,
      length: length - position,
      clientName: '',
      signal: this.#options.signal,
      timeoutMs: this.#spares.length > 0 ? Math.min(this.#options.timeoutMs, idleMs) : idleMs,
    })
    this.#checksum ??= reader.checksum
    return { unit, length, buffer, reader }
  }

  /** A unit is out; the NameNode hears of one whose bytes are damaged. */
  #failed(unit: number, error: unknown): void {
    if (this.#options.signal.aborted) throw this.#options.signal.reason
    const { logger, events } = this.#context
    const { node } = this.#group.sources.get(unit)!
    const reason = error instanceof Error ? error.message : String(error)
    this.#failures.push(`unit ${unit}: ${reason}`)
    logger.warn(
      { blockGroup: this.#group.block.blockId, unit, error: reason },
      'cannot read a unit of a group',
    )
    if (error instanceof BlockReadError && error.kind === 'checksum') {
      events.corruptElsewhere(unitBlock(this.#group, unit, unitLength(this.#group, unit)), node)
    }
  }
}

/** Units that must be read: of a group shorter than a stripe, only those that have bytes. */
export function sourcesNeeded(group: BlockGroup): number {
  return Math.min(Math.ceil(group.bytes / group.cellSize), group.schema.dataUnits)
}

async function readAll({ reader, buffer, unit }: ActiveUnit, wanted: number): Promise<void> {
  for (let filled = 0; filled < wanted; ) {
    const got = reader!.read(buffer.subarray(filled, wanted))
    const count = typeof got === 'number' ? got : await got
    if (count === 0) throw new Error(`read unit ${unit}: found its end ${wanted - filled} bytes too soon`)
    filled += count
  }
}
