/**
 * Hadoop's `Writable` primitives as the edit log uses them ([edits.op.4] to [edits.op.6]). All numbers are big endian.
 *
 *     long      8 bytes                  int   4 bytes      short  2 bytes     boolean  1 byte
 *     UTF8      uint16 length, then each UTF-16 unit as 1 to 3 bytes (`org.apache.hadoop.io.UTF8`): a character
 *               beyond U+FFFF takes two units of 3 bytes, where real UTF-8 has one sequence of 4
 *     vlong     1 byte for -112…127, else a marker (-113…-120 positive, -121…-128 negative) and 1 to 8 bytes
 *     Text      vint length, then real UTF-8
 */
import {
  type ByteReader,
  type ByteWriter,
  ProtocolError,
  readText as readAnyText,
  readUtf8Units,
  readVLong,
  type TextRule,
  writeText as writeAnyText,
  writeUtf8Units,
  writeVLong,
} from '@cairn/bytes'
import { editStringBytesMax } from '../limits.ts'

const two32 = 0x1_0000_0000

/** A 64-bit integer that is exact as a JavaScript number: time, length, generation stamp, inode or transaction id. */
export function readInt64Number(reader: ByteReader): number {
  const at = reader.position
  const value = reader.i32be() * two32 + reader.u32be()
  if (!Number.isSafeInteger(value)) {
    throw new ProtocolError(
      'ERR_HSTORAGE_INTEGER',
      `read a 64-bit integer: found ${value}; exact numbers end at ${Number.MAX_SAFE_INTEGER}`,
      { offset: at },
    )
  }
  return value
}

/** Writes what `readInt64Number` reads. */
export function writeInt64Number(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value)) throw localInteger(value)
  writer.i32be(Math.floor(value / two32))
  writer.u32be(value >>> 0)
}

function localInteger(value: number): ProtocolError {
  return new ProtocolError(
    'ERR_HSTORAGE_INTEGER',
    `write a 64-bit integer: found ${value}; integers up to ${Number.MAX_SAFE_INTEGER} are allowed`,
    { side: 'local' },
  )
}

/** Nobody writes a text that would not fit an operation; that limit is checked where operations are framed. */
const textRule: TextRule = { code: 'ERR_HSTORAGE_TEXT', bytesMax: Number.MAX_SAFE_INTEGER }
const stringRule: TextRule = { code: 'ERR_HSTORAGE_TEXT', bytesMax: editStringBytesMax }

/** Reads a string of `org.apache.hadoop.io.UTF8`. */
export function readUtf8(reader: ByteReader): string {
  return readUtf8Units(reader, stringRule)
}

/** Writes a string as `org.apache.hadoop.io.UTF8`. */
export function writeUtf8(writer: ByteWriter, text: string): void {
  writeUtf8Units(writer, text, stringRule)
}

/** A vlong that must be exact as a number. */
export function readVLongNumber(reader: ByteReader): number {
  const at = reader.position
  const value = Number(readVLong(reader))
  if (!Number.isSafeInteger(value)) {
    throw new ProtocolError(
      'ERR_HSTORAGE_INTEGER',
      `read a variable-length integer: found ${value}, too large`,
      {
        offset: at,
      },
    )
  }
  return value
}

/** Writes what `readVLongNumber` reads. */
export function writeVLongNumber(writer: ByteWriter, value: number): void {
  if (value >= -112 && value <= 127 && Number.isInteger(value)) writer.u8(value & 0xff)
  else if (Number.isSafeInteger(value)) writeVLong(writer, BigInt(value))
  else throw localInteger(value)
}

/** `Text.readString` with a limit on its bytes. */
export function readText(reader: ByteReader, bytesMax: number): string {
  return readAnyText(reader, { code: 'ERR_HSTORAGE_TEXT', bytesMax })
}

/** `Text.writeString`. */
export function writeText(writer: ByteWriter, text: string): void {
  writeAnyText(writer, text, textRule)
}
