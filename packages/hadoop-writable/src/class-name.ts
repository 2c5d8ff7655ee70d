// Names of classes: two before nearly every object, and always the same few. So their strings and bytes are kept.
import { type ByteReader, ByteWriter } from '@cairn/bytes'
import { readUtf8, writeUtf8 } from './text.ts'

/** Longer ones are read and written as any text. */
const keptBytesMax = 128
/** Most names kept each way; a peer may send any. */
const keptMax = 256

interface KnownName {
  readonly bytes: Uint8Array
  readonly name: string
}

const known: (KnownName | undefined)[] = new Array<KnownName | undefined>(keptMax)

/** Reads a name, as UTF8. */
export function readClassName(reader: ByteReader): string {
  const { bytes, position, remaining } = reader
  const length = remaining < 2 ? -1 : (bytes[position]! << 8) | bytes[position + 1]!
  if (length < 1 || length > keptBytesMax || length > remaining - 2) return readUtf8(reader)
  const start = position + 2
  const slot = (length * 31 + bytes[start + length - 1]! * 7 + bytes[start + (length >> 1)]!) % keptMax
  const kept = known[slot]
  if (kept !== undefined && isAt(bytes, start, length, kept.bytes)) {
    reader.skip(2 + length)
    return kept.name
  }
  const name = readUtf8(reader)
  known[slot] = { bytes: bytes.slice(start, start + length), name }
  return name
}

function isAt(bytes: Uint8Array, start: number, length: number, other: Uint8Array): boolean {
  if (other.length !== length) return false
  // From the end: names differ there.
  for (let index = length - 1; index >= 0; index--) if (bytes[start + index] !== other[index]) return false
  return true
}

const written = new Map<string, Uint8Array>()

/** Writes a name, as UTF8. */
export function writeClassName(writer: ByteWriter, name: string): void {
  const kept = written.get(name)
  if (kept !== undefined) {
    writer.bytes(kept)
    return
  }
  if (name.length > keptBytesMax || written.size >= keptMax) {
    writeUtf8(writer, name)
    return
  }
  const own = new ByteWriter()
  writeUtf8(own, name)
  const bytes = own.take()
  written.set(name, bytes)
  writer.bytes(bytes)
}
