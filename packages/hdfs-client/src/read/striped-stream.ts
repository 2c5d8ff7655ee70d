// Bytes [start, end) of one block group, as `BlockStream` reads those of a block.
//
//   whole      each cell comes from its data unit; the units are asked side by side, so that one sends while another's
//              cell is taken
//   degraded   from the first failure on: stripes are decoded from the units that are left
//   │ too few left: ask the NameNode for locations again, wait, go on; after some rounds reject

import type { BlockReader } from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import type { LocatedFile } from './located-file.ts'
import { StripeDecoder } from './stripe-decoder.ts'
import type { StripedGroup } from './striped-group.ts'
import { StripedUnits, TooFewUnits } from './striped-units.ts'

/** A part of one block group, being read. */
export class StripedStream {
  readonly #file: LocatedFile
  readonly #units: StripedUnits
  readonly #end: number
  readonly #signal: AbortSignal | undefined
  #position: number
  /** By data unit; each stands at that unit's next byte. */
  #readers: Map<number, BlockReader> | undefined
  #decoder: StripeDecoder | undefined
  #closed = false

  /** `range` is in file offsets and within the group. */
  constructor(
    context: ClientContext,
    file: LocatedFile,
    group: StripedGroup,
    range: { start: number; end: number },
    signal: AbortSignal | undefined,
  ) {
    this.#file = file
    this.#units = new StripedUnits(context, file, group, signal)
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

  get #group(): StripedGroup {
    return this.#units.group
  }

  /** Copies at least one byte, unless none remain; a number at once when the bytes are here already. */
  read(target: Uint8Array): number | Promise<number> {
    if (this.#readers === undefined || this.#decoder !== undefined) return this.#readSlowly(target)
    const { unit, offset } = this.#group.cellAt(this.#position - this.#group.start)
    const reader = this.#readers.get(unit)
    if (reader === undefined) return this.#readSlowly(target)
    const left = Math.min(this.#group.striping.cellSize - offset, this.remaining, target.length)
    if (left === 0) return 0
    try {
      const result = reader.read(left === target.length ? target : target.subarray(0, left))
      if (typeof result !== 'number' || result === 0) return this.#finish(target, unit, result)
      this.#position += result
      return result
    } catch (error) {
      return this.#finish(target, unit, Promise.reject(error))
    }
  }

  close(): void {
    this.#closed = true
    this.#dropReaders()
    this.#decoder?.close()
  }

  /** Waits for the data unit at hand; when it fails, the stripe is decoded. */
  async #finish(target: Uint8Array, unit: number, pending: number | Promise<number>): Promise<number> {
    try {
      const count = await pending
      if (count === 0) throw new Error(`read unit ${unit}: it ended ${this.remaining} bytes early`)
      this.#position += count
      return count
    } catch (error) {
      this.#checkOpen()
      await this.#units.failed(unit, error)
      return await this.#readSlowly(target)
    }
  }

  async #readSlowly(target: Uint8Array): Promise<number> {
    if (this.remaining === 0 || target.length === 0) return 0
    const whole = this.#readers === undefined && (await this.#openUnits())
    this.#checkOpen()
    if (whole) return await this.read(target)
    this.#dropReaders()
    return await this.#readDecoded(target)
  }

  /** Opens every data unit with bytes in the range; false when one of them is not to be had. */
  async #openUnits(): Promise<boolean> {
    const group = this.#group
    const readers = new Map<number, BlockReader>()
    this.#readers = readers
    const from = this.#position - group.start
    const to = this.#end - group.start
    let whole = true
    const opened = Array.from({ length: group.striping.schema.dataUnits }, async (_, unit) => {
      const offset = group.unitBytes(unit, from)
      const length = group.unitBytes(unit, to) - offset
      if (length <= 0) return
      if (!this.#units.isGood(unit)) {
        whole = false
        return
      }
      try {
        readers.set(unit, await this.#units.open(unit, offset, length))
        if (this.#closed) this.#dropReaders()
      } catch (error) {
        this.#checkOpen()
        whole = false
        await this.#units.failed(unit, error)
      }
    })
    const ended = await Promise.allSettled(opened)
    for (const one of ended) if (one.status === 'rejected') throw one.reason
    return whole
  }

  async #readDecoded(target: Uint8Array): Promise<number> {
    this.#decoder ??= new StripeDecoder(this.#units)
    for (;;) {
      const group = this.#group
      const { unit, stripe, offset } = group.cellAt(this.#position - group.start)
      if (this.#decoder.holds(stripe, offset)) {
        const left = Math.min(group.striping.cellSize - offset, this.remaining, target.length)
        const bytes = this.#decoder.bytes(unit, offset)
        const count = Math.min(left, bytes.length)
        target.set(bytes.subarray(0, count))
        this.#position += count
        return count
      }
      await this.#loadStripe(this.#decoder, unit, stripe, offset)
      this.#checkOpen()
    }
  }

  async #loadStripe(decoder: StripeDecoder, unit: number, stripe: number, offset: number): Promise<void> {
    const group = this.#group
    const { cellSize } = group.striping
    const last = group.cellAt(this.#end - group.start - 1)
    // A few bytes of one cell take the same few bytes of the others; more takes whole stripes.
    const within = last.stripe === stripe && last.unit === unit
    const rows = within
      ? { stripe, from: offset, to: last.offset + 1 }
      : { stripe, from: 0, to: group.cellBytes(0, stripe) }
    const end = within ? stripe * cellSize + last.offset + 1 : (last.stripe + 1) * cellSize
    try {
      await decoder.load(rows, end)
      this.#units.succeeded()
    } catch (error) {
      this.#checkOpen()
      if (!(error instanceof TooFewUnits)) throw error
      await this.#units.nextRound(this.#position)
    }
  }

  #checkOpen(): void {
    this.#signal?.throwIfAborted()
    if (this.#closed) throw new HdfsFileError('EBADF', 'read', { path: this.#file.path })
  }

  #dropReaders(): void {
    // Never rejects: it ends the connections, or has given them back already.
    for (const reader of this.#readers?.values() ?? []) void reader.close()
    this.#readers?.clear()
  }
}
