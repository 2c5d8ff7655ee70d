// Stripes of a group that has lost units: each is read from as many of the others as the code needs, all at the same rows,
// and what is missing is decoded. A unit that fails on the way is replaced by one that was not needed so far.

import { ErasureCoder } from '@cairn/erasure-coding'
import type { BlockReader } from '@cairn/hdfs-block-io'
import type { StripedGroup } from './striped-group.ts'
import type { StripedUnits } from './striped-units.ts'

/** Rows of one stripe: the same bytes of each of its cells. */
export interface Rows {
  readonly stripe: number
  /** In the cell. */
  readonly from: number
  readonly to: number
}

/** A unit with a reader that stands where the next rows begin. */
interface Source {
  readonly reader: BlockReader
  position: number
}

/** Decodes stripes of one group, in order or anywhere. */
export class StripeDecoder {
  readonly #units: StripedUnits
  readonly #coder: ErasureCoder
  readonly #sources = new Map<number, Source>()
  #data: Uint8Array[] = []
  #rows: Rows | undefined
  #closed = false

  constructor(units: StripedUnits) {
    this.#units = units
    this.#coder = new ErasureCoder(units.group.striping.schema)
  }

  get #group(): StripedGroup {
    return this.#units.group
  }

  /** The rows at hand hold this byte of the cells. */
  holds(stripe: number, offset: number): boolean {
    const rows = this.#rows
    return rows !== undefined && rows.stripe === stripe && offset >= rows.from && offset < rows.to
  }

  /** Bytes of a data unit from `offset` in the cell on, as far as the rows at hand go; a view. */
  bytes(unit: number, offset: number): Uint8Array {
    return this.#data[unit]!.subarray(offset - this.#rows!.from)
  }

  /**
   * Reads and decodes rows. `end`: how far the units will be read, in the unit; readers are opened up to there. Rejects
   * when too few units are left in this round.
   */
  async load(rows: Rows, end: number): Promise<void> {
    this.#rows = undefined
    const { dataUnits } = this.#group.striping.schema
    const cells = new Array<Uint8Array | undefined>(this.#group.unitCount).fill(undefined)
    for (;;) {
      const wanted = this.#choose(rows, cells)
      if (wanted.length === 0) break
      await this.#readAll(wanted, rows, end, cells)
    }
    const size = rows.to - rows.from
    const erased: number[] = []
    const outputs: Uint8Array[] = []
    for (let unit = 0; unit < dataUnits; unit++) {
      if (cells[unit] !== undefined) continue
      erased.push(unit)
      outputs.push(new Uint8Array(size))
    }
    if (erased.length > 0) this.#coder.decode(cells, erased, outputs)
    this.#data = Array.from({ length: dataUnits }, (_, unit) => cells[unit] ?? outputs[erased.indexOf(unit)]!)
    this.#rows = rows
  }

  /** A `load` under way rejects. */
  close(): void {
    this.#closed = true
    for (const { reader } of this.#sources.values()) void reader.close()
    this.#sources.clear()
  }

  /** Units to read so that enough are there; those without bytes in these rows are zeros and need no reading. */
  #choose(rows: Rows, cells: (Uint8Array | undefined)[]): number[] {
    const group = this.#group
    const { dataUnits } = group.striping.schema
    for (let unit = 0; unit < dataUnits; unit++) {
      if (group.cellBytes(unit, rows.stripe) > rows.from) continue
      cells[unit] ??= new Uint8Array(rows.to - rows.from)
    }
    const missing = dataUnits - cells.filter((cell) => cell !== undefined).length
    if (missing <= 0) return []
    const open = this.#units.usable().filter((unit) => cells[unit] === undefined)
    if (open.length < missing) throw this.#units.tooFew()
    return open.slice(0, missing)
  }

  async #readAll(
    units: readonly number[],
    rows: Rows,
    end: number,
    cells: (Uint8Array | undefined)[],
  ): Promise<void> {
    const read = units.map(async (unit) => {
      try {
        cells[unit] = await this.#read(unit, rows, end)
      } catch (error) {
        this.#drop(unit)
        // Nothing is wrong with a unit whose reader was closed here.
        if (this.#closed) throw error
        await this.#units.failed(unit, error)
      }
    })
    // Nothing goes on behind the caller's back: all have ended before the first failure is told.
    const ended = await Promise.allSettled(read)
    for (const one of ended) if (one.status === 'rejected') throw one.reason
  }

  /** A unit's bytes of these rows, with zeros behind its end. */
  async #read(unit: number, rows: Rows, end: number): Promise<Uint8Array> {
    const group = this.#group
    const bytes = new Uint8Array(rows.to - rows.from)
    const count = Math.min(rows.to, group.cellBytes(unit, rows.stripe)) - rows.from
    if (count <= 0) return bytes
    const position = rows.stripe * group.striping.cellSize + rows.from
    const source = await this.#sourceAt(unit, position, Math.max(end, position + count))
    for (let filled = 0; filled < count; ) {
      const got = source.reader.read(bytes.subarray(filled, count))
      const now = typeof got === 'number' ? got : await got
      if (now === 0) throw new Error(`read unit ${unit}: it ended ${count - filled} bytes early`)
      filled += now
    }
    source.position = position + count
    return bytes
  }

  async #sourceAt(unit: number, position: number, end: number): Promise<Source> {
    const known = this.#sources.get(unit)
    if (known?.position === position) return known
    this.#drop(unit)
    const length = Math.min(end, this.#group.unitBytes(unit)) - position
    const source = { reader: await this.#units.open(unit, position, length), position }
    this.#sources.set(unit, source)
    if (this.#closed) this.close()
    return source
  }

  #drop(unit: number): void {
    void this.#sources.get(unit)?.reader.close()
    this.#sources.delete(unit)
  }
}
