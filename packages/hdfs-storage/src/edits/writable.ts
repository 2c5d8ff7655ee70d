/**
 * Hadoop's `Writable` primitives as the edit log uses them ([edits.op.4] to [edits.op.6]). All numbers are big endian.
 *
 *     long      8 bytes                  int   4 bytes      short  2 bytes     boolean  1 byte
 *     UTF8      uint16 length, then each UTF-16 unit as 1 to 3 bytes (`org.apache.hadoop.io.UTF8`): a character
 *               beyond U+FFFF takes two units of 3 bytes, where real UTF-8 has one sequence of 4
 *     vlong     1 byte for -112…127, else a marker (-113…-120 positive, -121…-128 negative) and 1 to 8 bytes
 *     Text      vint length, then real UTF-8
 */
import type { ByteReader, ByteWriter } from '@cairn/bytes'
import { ProtocolError, readVLong, writeVLong } from '@cairn/bytes'
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

/** Reads a string of `org.apache.hadoop.io.UTF8`; sequences of 4 bytes are taken too, as Java does. */
export function readUtf8(reader: ByteReader): string {
  const length = reader.u16be()
  const start = reader.skip(length)
  const bytes = reader.bytes
  const end = start + length
  let text = ''
  for (let at = start; at < end; ) {
    const lead = bytes[at]!
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      at++
      continue
    }
    const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
    const code = lead >= 0xc0 && lead < 0xf8 && at + size <= end ? codePoint(bytes, at, size) : -1
    if (code < 0 || code > 0x10ffff) {
      throw new ProtocolError(
        'ERR_HSTORAGE_TEXT',
        `read text of ${length} bytes: found bytes that are not UTF-8`,
        {
          offset: at,
        },
      )
    }
    text += String.fromCodePoint(code)
    at += size
  }
  return text
}

/** The character of `size` bytes at `at`, or -1 where a byte is no continuation. */
function codePoint(bytes: Uint8Array, at: number, size: number): number {
  let code = bytes[at]! & (0x7f >> size)
  for (let index = at + 1; index < at + size; index++) {
    const byte = bytes[index]!
    if ((byte & 0xc0) !== 0x80) return -1
    code = (code << 6) | (byte & 0x3f)
  }
  return code
}

/** Bytes that `writeUtf8` needs, without the length. */
function utf8Length(text: string): number {
  let length = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) length += unit < 0x800 ? 1 : 2
  }
  return length
}

/** Writes a string as `org.apache.hadoop.io.UTF8`: every UTF-16 unit on its own. */
export function writeUtf8(writer: ByteWriter, text: string): void {
  const length = utf8Length(text)
  if (length > editStringBytesMax) {
    throw new ProtocolError(
      'ERR_HSTORAGE_TEXT',
      `write text: found ${length} bytes; up to ${editStringBytesMax} are allowed`,
      { side: 'local' },
    )
  }
  writer.u16be(length)
  if (length === text.length) {
    writer.utf8(text)
    return
  }
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) {
      writer.u8(unit)
    } else if (unit < 0x800) {
      writer.u16be(((0xc0 | (unit >> 6)) << 8) | 0x80 | (unit & 0x3f))
    } else {
      writer.u8(0xe0 | (unit >> 12))
      writer.u16be(((0x80 | ((unit >> 6) & 0x3f)) << 8) | 0x80 | (unit & 0x3f))
    }
  }
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
  const at = reader.position
  const length = readVLongNumber(reader)
  if (length < 0 || length > bytesMax) {
    throw new ProtocolError(
      'ERR_HSTORAGE_TEXT',
      `read text: found ${length} bytes; 0 to ${bytesMax} are allowed`,
      {
        offset: at,
      },
    )
  }
  return reader.utf8(length)
}

const textEncoder = new TextEncoder()

/** `Text.writeString`. */
export function writeText(writer: ByteWriter, text: string): void {
  const bytes = textEncoder.encode(text)
  writeVLongNumber(writer, bytes.length)
  writer.bytes(bytes)
}
