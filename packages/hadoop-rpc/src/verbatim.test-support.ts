import type { ByteReader, ByteWriter } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'

/** Messages as they are, so that sessions can be held against captures of any method. */
export const verbatim: MessageCodec<Uint8Array> = {
  typeName: 'verbatim',
  fields: [],
  encode: (value) => value,
  write: (writer: ByteWriter, value) => writer.bytes(value),
  encodeDelimited: (writer: ByteWriter, value) => writer.bytesDelimited(value),
  decode: (bytes, start = 0, end = bytes.length) => bytes.slice(start, end),
  read: (reader: ByteReader, end) => reader.copy(end - reader.position),
  decodeDelimited: (reader: ByteReader) => reader.copy(reader.varint32()),
}
