import type { ChecksumType } from './checksum-kernel.ts'

/** Polynomials, reflected: bit 31 is the coefficient of x^0. */
export const polynomials = { CRC32: 0xedb88320, CRC32C: 0x82f63b78 } as const

/** Bytes that one step of the table code takes. */
export const slices = 16

/**
 * `tables[slice * 256 + byte]` = what `byte` followed by `slice` zero bytes adds to the register. Signed 32-bit
 * numbers, because those stay unboxed in every engine.
 */
function makeTables(polynomial: number): Int32Array {
  const tables = new Int32Array(slices * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    tables[byte] = crc
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256]!
    tables[index] = (before >>> 8) ^ tables[before & 0xff]!
  }
  return tables
}

const made = new Map<string, Int32Array>()

/** The sixteen tables of one polynomial, made when first asked for. */
export function crcTables(type: Exclude<ChecksumType, 'NULL'>): Int32Array {
  let tables = made.get(type)
  if (tables === undefined) {
    tables = makeTables(polynomials[type])
    made.set(type, tables)
  }
  return tables
}
