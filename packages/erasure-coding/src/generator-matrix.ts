import { inverse, multiply, powerOfAlpha } from './galois-field.ts'
import { type Matrix, matrixOf } from './matrix.ts'
import type { Schema } from './schema.ts'

/** The matrix whose product with the data units is the whole group: the identity, then a row for each parity unit. */
export function generatorMatrix(schema: Schema): Matrix {
  const { codec, dataUnits, parityUnits } = schema
  const matrix = matrixOf(dataUnits + parityUnits, dataUnits)
  for (let unit = 0; unit < dataUnits; unit++) matrix.cells[unit * dataUnits + unit] = 1
  const parity = { rs: cauchyCell, 'rs-legacy': legacyCell(schema), xor: () => 1 }[codec]
  for (let unit = dataUnits; unit < dataUnits + parityUnits; unit++) {
    for (let column = 0; column < dataUnits; column++) {
      matrix.cells[unit * dataUnits + column] = parity(unit, column)
    }
  }
  return matrix
}

/** [ec.rs.1] Java's `RSUtil.genCauchyMatrix`. */
function cauchyCell(unit: number, column: number): number {
  return inverse(unit ^ column)
}

/**
 * [ec.legacy.1] Java's `RSLegacyRawEncoder`: parity is the remainder of the data, as the coefficients of x^parityUnits
 * and up, by the polynomial whose roots are α^0 … α^(parityUnits − 1).
 */
function legacyCell({ dataUnits, parityUnits, codec }: Schema): (unit: number, column: number) => number {
  if (codec !== 'rs-legacy') return () => 0
  const divisor = Uint8Array.of(1, ...new Uint8Array(parityUnits))
  for (let root = 0; root < parityUnits; root++) {
    // Times (x + α^root): the coefficient of x^n is at n, the highest one so far at `root`.
    for (let n = root + 1; n >= 0; n--) {
      divisor[n] = multiply(divisor[n]!, powerOfAlpha(root)) ^ (n > 0 ? divisor[n - 1]! : 0)
    }
  }
  // remainders[j] = x^(parityUnits + j) modulo the divisor.
  const remainders: Uint8Array[] = []
  let remainder: Uint8Array = divisor.slice(0, parityUnits)
  for (let column = 0; column < dataUnits; column++) {
    remainders.push(remainder)
    const top = remainder[parityUnits - 1]!
    remainder = remainder.map((_, n) => (n > 0 ? remainder[n - 1]! : 0) ^ multiply(top, divisor[n]!))
  }
  return (unit, column) => remainders[column]![unit - dataUnits]!
}
