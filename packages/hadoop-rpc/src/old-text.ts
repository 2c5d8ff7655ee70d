// How Hadoop's `WritableUtils.writeString` puts a text: an int32 length, then UTF-8. Generations before 9 tell
// exceptions so.
import { type ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import { oldReplyTextBytesMax } from './limits.ts'

/** Appends a text. */
export function writeOldText(writer: ByteWriter, text: string): void {
  const at = writer.reserve(4)
  writer.setU32beAt(at, writer.utf8(text))
}

/** Reads a text; undefined when it has not arrived whole. */
export function readOldText(reader: ByteReader): string | undefined {
  if (reader.remaining < 4) return undefined
  const length = reader.i32be()
  if (length < 0 || length > oldReplyTextBytesMax) {
    throw new ProtocolError(
      'ERR_HRPC_FRAME_LENGTH',
      `read an old-format answer: found a text of ${length} bytes; ${oldReplyTextBytesMax} is the limit`,
      { offset: reader.position - 4 },
    )
  }
  return length > reader.remaining ? undefined : reader.utf8(length)
}
