// The three ways in which Hadoop puts a string, on the wire of Hadoop 1 and in edit logs.
//
//     UTF8   uint16 length, then each UTF-16 unit as 1 to 3 bytes (`org.apache.hadoop.io.UTF8`): a character beyond
//            U+FFFF takes two units of 3 bytes, where real UTF-8 has one sequence of 4
//     UTF    the same, but U+0000 takes 2 bytes (Java's `DataOutput.writeUTF`)
//     Text   vint length, then real UTF-8 (`org.apache.hadoop.io.Text`)
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { ProtocolError } from './protocol-error.ts'
import { readVLong, writeVLong } from './vlong.ts'

/** What a package calls a text that is damaged or too long, and how long one may be. */
export interface TextRule {
  /** Code of the `ProtocolError`. */
  readonly code: string
  /** Without the length in front; at most 65,535 for UTF8 and UTF. */
  readonly bytesMax: number
}

/** Reads a string of UTF8 or UTF; sequences of 4 bytes are taken too, as Hadoop does. */
export function readUtf8Units(reader: ByteReader, rule: TextRule): string {
  const length = reader.u16be()
  if (length > rule.bytesMax) throw tooLong('read', length, 'remote', rule)
  const start = reader.skip(length)
  const { bytes } = reader
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
      const message = `read text of ${length} bytes: found bytes that are not UTF-8`
      throw new ProtocolError(rule.code, message, { offset: at })
    }
    text += String.fromCodePoint(code)
    at += size
  }
  return text
}

/** The character of `size` bytes at `at`, or −1 where a byte is no continuation. */
function codePoint(bytes: Uint8Array, at: number, size: number): number {
  let code = bytes[at]! & (0x7f >> size)
  for (let index = at + 1; index < at + size; index++) {
    const byte = bytes[index]!
    if ((byte & 0xc0) !== 0x80) return -1
    code = (code << 6) | (byte & 0x3f)
  }
  return code
}

/** Writes a string as UTF8, or as UTF where `nulLong` asks for U+0000 in 2 bytes: every UTF-16 unit on its own. */
export function writeUtf8Units(writer: ByteWriter, text: string, rule: TextRule, nulLong = false): void {
  const length = unitsLength(text, nulLong)
  if (length > rule.bytesMax) throw tooLong('write', length, 'local', rule)
  writer.u16be(length)
  if (length === text.length) {
    writer.utf8(text)
    return
  }
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80 && !(nulLong && unit === 0)) {
      writer.u8(unit)
    } else if (unit < 0x800) {
      writer.u16be(((0xc0 | (unit >> 6)) << 8) | 0x80 | (unit & 0x3f))
    } else {
      writer.u8(0xe0 | (unit >> 12))
      writer.u16be(((0x80 | ((unit >> 6) & 0x3f)) << 8) | 0x80 | (unit & 0x3f))
    }
  }
}

function unitsLength(text: string, nulLong: boolean): number {
  let length = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) length += unit < 0x800 ? 1 : 2
    else if (nulLong && unit === 0) length++
  }
  return length
}

/** Reads a Text. */
export function readText(reader: ByteReader, rule: TextRule): string {
  const length = Number(readVLong(reader))
  if (length < 0 || length > rule.bytesMax) throw tooLong('read', length, 'remote', rule)
  return reader.utf8(length)
}

const encoder = new TextEncoder()
const loneSurrogates = /\p{Surrogate}/gu

/** Lengths up to this are one byte as a vlong. */
const shortTextMax = 127

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false
  return true
}

/** Writes a Text. Half of a surrogate pair becomes "?", as in Java: real UTF-8 has no place for it. */
export function writeText(writer: ByteWriter, text: string, rule: TextRule): void {
  if (text.length <= Math.min(shortTextMax, rule.bytesMax) && isAscii(text)) {
    writer.u8(text.length)
    writer.utf8(text)
    return
  }
  let bytes = encoder.encode(text)
  if (bytes.length !== text.length) bytes = encoder.encode(text.replace(loneSurrogates, '?'))
  if (bytes.length > rule.bytesMax) throw tooLong('write', bytes.length, 'local', rule)
  writeVLong(writer, BigInt(bytes.length))
  writer.bytes(bytes)
}

function tooLong(attempt: string, length: number, side: 'local' | 'remote', rule: TextRule): ProtocolError {
  const message = `${attempt} text: found ${length} bytes; 0 to ${rule.bytesMax} are allowed`
  return new ProtocolError(rule.code, message, { side })
}
