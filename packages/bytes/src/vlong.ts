import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

/**
 * Reads Hadoop's variable-length integer (`WritableUtils.readVLong`): one byte for −112 to 127, else a marker (−113 to
 * −120 positive, −121 to −128 negative) and 1 to 8 bytes, big endian.
 */
export function readVLong(reader: ByteReader): bigint {
  const first = reader.i8()
  if (first >= -112) return BigInt(first)
  const negative = first < -120
  const size = negative ? -(first + 120) : -(first + 112)
  let value = 0n
  for (let index = 0; index < size; index++) value = (value << 8n) | BigInt(reader.u8())
  return BigInt.asIntN(64, negative ? ~value : value)
}

/** Writes what `readVLong` reads (`WritableUtils.writeVLong`). */
export function writeVLong(writer: ByteWriter, value: bigint): void {
  if (value >= -112n && value <= 127n) {
    writer.u8(Number(value) & 0xff)
    return
  }
  const magnitude = value < 0n ? ~value : value
  const digits = magnitude.toString(16)
  const size = (digits.length + 1) >> 1
  writer.u8(((value < 0n ? -120 : -112) - size) & 0xff)
  const padded = digits.padStart(size * 2, '0')
  for (let index = 0; index < size; index++) {
    writer.u8(Number.parseInt(padded.slice(index * 2, index * 2 + 2), 16))
  }
}
