import { kernel as bestKernel } from './choose-kernel.ts'
import { argumentError, type CodingKernel } from './coding-kernel.ts'
import { generatorMatrix } from './generator-matrix.ts'
import { inverted, type Matrix, product, selectRows } from './matrix.ts'
import { type Schema, unitsMax } from './schema.ts'

/** A group that has lost more units than its code makes good. `code` is `ERR_ERASURE_CODING_LOST`. */
export class UnitsLostError extends Error {
  override readonly name = 'UnitsLostError'
  readonly code = 'ERR_ERASURE_CODING_LOST'
}

/** Which units make which others, and with what matrix; good for every stripe of a group. */
interface DecodePlan {
  readonly key: string
  readonly sources: readonly number[]
  readonly matrix: Uint8Array
}

/**
 * Encodes and decodes groups of one schema; the bytes are those of Java's `RawErasureEncoder` and `RawErasureDecoder`.
 * Units are numbered from 0, data first. A coder remembers how it decoded last, so a reconstruction keeps its own.
 */
export class ErasureCoder {
  readonly schema: Schema
  readonly #kernel: CodingKernel
  readonly #generator: Matrix
  readonly #parity: Uint8Array
  #plan: DecodePlan | undefined

  /** @throws RangeError `ERR_ERASURE_CODING_ARGUMENT` for a schema that no group can have */
  constructor(schema: Schema, kernel: CodingKernel = bestKernel) {
    const { dataUnits, parityUnits, codec } = schema
    const units = dataUnits + parityUnits
    const integers = Number.isInteger(dataUnits) && Number.isInteger(parityUnits)
    // An xor of more than one parity unit would be the same unit twice.
    const parityMax = codec === 'xor' ? 1 : unitsMax
    if (!integers || dataUnits < 1 || parityUnits < 1 || parityUnits > parityMax || units > unitsMax) {
      throw argumentError(
        `make a coder for ${codec}-${dataUnits}-${parityUnits}: at least one data unit, 1 to ${parityMax} parity units and ${unitsMax} together are allowed`,
      )
    }
    this.schema = schema
    this.#kernel = kernel
    this.#generator = generatorMatrix(schema)
    this.#parity = this.#generator.cells.subarray(dataUnits * dataUnits)
  }

  /** Makes all parity units from all data units; all have the same length. */
  encode(data: readonly Uint8Array[], parity: readonly Uint8Array[]): void {
    this.#kernel.multiply(this.#parity, data, parity)
  }

  /**
   * Makes the units that `erased` names, in its order. `units[i]` is unit i, or undefined where it is not at hand; any
   * `dataUnits` of them are enough, a data unit that has no bytes in this stripe counts as zeros.
   *
   * @throws UnitsLostError when fewer are at hand
   */
  decode(
    units: readonly (Uint8Array | undefined)[],
    erased: readonly number[],
    outputs: readonly Uint8Array[],
  ): void {
    if (erased.length !== outputs.length) {
      throw argumentError(`decode: found ${erased.length} erased units and ${outputs.length} outputs`)
    }
    const plan = this.#planFor(units, erased)
    const inputs = plan.sources.map((index) => units[index]!)
    this.#kernel.multiply(plan.matrix, inputs, outputs)
  }

  #planFor(units: readonly (Uint8Array | undefined)[], erased: readonly number[]): DecodePlan {
    let key = `${erased}:`
    for (let unit = 0; unit < this.#generator.rows; unit++) key += units[unit] === undefined ? '-' : '+'
    if (this.#plan?.key !== key) this.#plan = this.#makePlan(key, units, erased)
    return this.#plan
  }

  #makePlan(key: string, units: readonly (Uint8Array | undefined)[], erased: readonly number[]): DecodePlan {
    const { dataUnits } = this.schema
    const generator = this.#generator
    const there = Array.from({ length: generator.rows }, (_, unit) => unit).filter((unit) => units[unit])
    for (const unit of erased) {
      if (Number.isInteger(unit) && unit >= 0 && unit < generator.rows) continue
      throw argumentError(`decode: found erased unit ${unit}; 0 to ${generator.rows - 1} are allowed`)
    }
    const sources = there.slice(0, dataUnits)
    const back = sources.length === dataUnits ? inverted(selectRows(generator, sources)) : undefined
    if (back === undefined) {
      const { codec, parityUnits } = this.schema
      throw new UnitsLostError(
        `decode ${codec}-${dataUnits}-${parityUnits}: found units ${there.join(', ') || 'none'}; any ${dataUnits} are needed`,
      )
    }
    return { key, sources, matrix: product(selectRows(generator, erased), back).cells }
  }
}
