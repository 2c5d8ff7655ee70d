// A block group as a reader needs it: which bytes of the file lie where in which unit, and who has the units.
//
//   file     | cell 0 | cell 1 | cell 2 | cell 3 | cell 4 | cell 5 | …      cells of `cellSize` bytes
//   unit 0   | cell 0 | cell 3 |        unit 1  | cell 1 | cell 4 |         one stripe: a cell of each data unit
//   unit 3   | parity of stripe 0 | parity of stripe 1 |                    as long as the stripe's first cell

import { internalBlockId, internalBlockLength, type Striping } from '@cairn/erasure-coding'
import type { LocatedBlockProto } from '@cairn/hadoop-proto'

/** A cell that holds a byte of the file. */
export interface Cell {
  readonly unit: number
  /** Which stripe of the group. */
  readonly stripe: number
  /** Of the byte, in the cell. */
  readonly offset: number
}

/** Where everything is in one group. Offsets are from the group's first byte, unless they say otherwise. */
export class StripedGroup {
  readonly located: LocatedBlockProto
  readonly striping: Striping
  /** First byte of the group in the file. */
  readonly start: number
  /** Bytes of the file in the group. */
  readonly bytes: number
  readonly #units = new Map<number, LocatedBlockProto>()

  constructor(located: LocatedBlockProto, striping: Striping) {
    this.located = located
    this.striping = striping
    this.start = Number(located.offset)
    this.bytes = Number(located.b.numBytes ?? 0n)
    for (const [index, unit] of (located.blockIndices ?? new Uint8Array()).entries()) {
      const node = located.locs[index]
      // The first one named is taken, as in Java; another copy of the same unit adds nothing.
      if (node === undefined || unit >= this.unitCount || this.#units.has(unit)) continue
      this.#units.set(unit, this.#locatedUnit(unit, index))
    }
  }

  #locatedUnit(unit: number, index: number): LocatedBlockProto {
    const { located } = this
    const one = <T>(items: readonly T[]): T[] => (items[index] === undefined ? [] : [items[index]])
    return {
      ...located,
      b: {
        ...located.b,
        blockId: internalBlockId(located.b.blockId, unit),
        numBytes: BigInt(this.unitBytes(unit)),
      },
      blockToken: located.blockTokens[index] ?? located.blockToken,
      locs: one(located.locs),
      isCached: one(located.isCached),
      storageTypes: one(located.storageTypes),
      storageIDs: one(located.storageIDs),
      blockIndices: undefined,
      blockTokens: [],
    }
  }

  get unitCount(): number {
    const { dataUnits, parityUnits } = this.striping.schema
    return dataUnits + parityUnits
  }

  get stripeBytes(): number {
    return this.striping.cellSize * this.striping.schema.dataUnits
  }

  /** Units that somebody has, data first. */
  get present(): number[] {
    return [...this.#units.keys()].sort((a, b) => a - b)
  }

  /** The internal block of a unit with its one location. */
  unit(unit: number): LocatedBlockProto | undefined {
    return this.#units.get(unit)
  }

  /** Bytes of a unit when the group held only `groupBytes` of the file; of the data units that is how far they got. */
  unitBytes(unit: number, groupBytes = this.bytes): number {
    const { cellSize, schema } = this.striping
    return internalBlockLength(groupBytes, cellSize, schema.dataUnits, unit)
  }

  cellAt(position: number): Cell {
    const { cellSize, schema } = this.striping
    const cell = Math.floor(position / cellSize)
    return {
      unit: cell % schema.dataUnits,
      stripe: Math.floor(cell / schema.dataUnits),
      offset: position % cellSize,
    }
  }

  /** Bytes of a unit's cell in a stripe; 0 where the file has ended before. */
  cellBytes(unit: number, stripe: number): number {
    const { cellSize } = this.striping
    return Math.min(cellSize, Math.max(0, this.unitBytes(unit) - stripe * cellSize))
  }
}
