import type { ChecksumType } from './checksum-kernel.ts'
import { polynomials } from './crc-tables.ts'

/** Product of two polynomials modulo a third, all reflected (bit 31 = x^0). */
function multiply(polynomial: number, a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= shifted
    shifted = (shifted >>> 1) ^ (shifted & 1 ? polynomial : 0)
  }
  return product
}

/** x^(8 · 2^n) for every n, by squaring. */
function makeByteShifts(polynomial: number): readonly number[] {
  const shifts = [0x0080_0000]
  // A length is below 2^53, the largest exact number.
  for (let n = 1; n < 53; n++) shifts.push(multiply(polynomial, shifts[n - 1]!, shifts[n - 1]!))
  return shifts
}

const byteShifts = {
  CRC32: makeByteShifts(polynomials.CRC32),
  CRC32C: makeByteShifts(polynomials.CRC32C),
} as const

/**
 * The CRC of A followed by B, from the CRC of each and B's length in bytes (an integer from 0 to 2^53 − 1): A's
 * remainder moves up by x^(8 · lengthB). Composite file checksums (`COMPOSITE_CRC`) are made this way.
 */
export function combineCrc(type: ChecksumType, crcA: number, crcB: number, lengthB: number): number {
  if (type === 'NULL') return 0
  const polynomial = polynomials[type]
  let moved = crcA
  let rest = lengthB
  for (let n = 0; rest > 0; n++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) moved = multiply(polynomial, byteShifts[type][n]!, moved)
  }
  return (moved ^ crcB) >>> 0
}
