// The three ways in which Hadoop 1 puts a string.
//
//     UTF8   uint16 length, then each UTF-16 unit as 1 to 3 bytes (`org.apache.hadoop.io.UTF8`)
//     UTF    the same, but U+0000 takes 2 bytes (Java's `DataOutput.writeUTF`)
//     Text   vint length, then real UTF-8 (`org.apache.hadoop.io.Text`)
import { type ByteReader, type ByteWriter, ProtocolError, readVLong, writeVLong } from '@cairn/bytes'
import { textBytesMax } from './limits.ts'

/** Reads a string of UTF8 or UTF; sequences of 4 bytes are taken too, as Hadoop does. */
export function readUtf8(reader: ByteReader): string {
  const length = reader.u16be()
  const start = reader.skip(length)
  const { bytes } = reader
  const end = start + length
  let text = ''
  for (let at = start; at < end; ) {
    const lead = bytes[at]!
    const size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
    const code = size === 1 ? lead : continued(bytes, at, size, end)
    if (code < 0 || code > 0x10ffff) {
      throw new ProtocolError(
        'ERR_WRITABLE_TEXT',
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

/** The character of `size` bytes at `at`, or −1 where a byte is out of place. */
function continued(bytes: Uint8Array, at: number, size: number, end: number): number {
  const lead = bytes[at]!
  if (lead < 0xc0 || lead >= 0xf8 || at + size > end) return -1
  let code = lead & (0x7f >> size)
  for (let index = at + 1; index < at + size; index++) {
    const byte = bytes[index]!
    if ((byte & 0xc0) !== 0x80) return -1
    code = (code << 6) | (byte & 0x3f)
  }
  return code
}

/** Writes a string as UTF8, or as UTF where `nulLong` asks for U+0000 in 2 bytes. */
export function writeUtf8(writer: ByteWriter, text: string, nulLong = false): void {
  const at = writer.reserve(2)
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
  const length = writer.length - at - 2
  if (length > textBytesMax) {
    writer.truncate(at)
    throw tooLong('write', length, 'local')
  }
  writer.setU16beAt(at, length)
}

/** Reads a Text. */
export function readText(reader: ByteReader): string {
  const length = Number(readVLong(reader))
  if (length < 0 || length > textBytesMax) throw tooLong('read', length, 'remote')
  return reader.utf8(length)
}

const encoder = new TextEncoder()

/** Writes a Text. */
export function writeText(writer: ByteWriter, text: string): void {
  const bytes = encoder.encode(text)
  if (bytes.length > textBytesMax) throw tooLong('write', bytes.length, 'local')
  writeVLong(writer, BigInt(bytes.length))
  writer.bytes(bytes)
}

function tooLong(attempt: string, length: number, side: 'local' | 'remote'): ProtocolError {
  const message = `${attempt} text: found ${length} bytes; 0 to ${textBytesMax} are allowed`
  return new ProtocolError('ERR_WRITABLE_TEXT', message, side === 'local' ? { side } : {})
}
