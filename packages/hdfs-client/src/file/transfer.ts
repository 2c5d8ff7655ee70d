import { Buffer } from 'node:buffer'
import { HdfsFileError } from '../fs/file-error.ts'
import { readFileBytesMax } from '../limits.ts'
import type { FileReader } from '../read/file-reader.ts'
import type { FileWriter } from '../write/file-writer.ts'
import type { ByteView } from './io-arguments.ts'

/** What writeFile takes. */
export type FileData = string | ByteView | Iterable<string | ByteView> | AsyncIterable<string | ByteView>

/** Everything from the reader's cursor to the end. */
export async function readToEnd(reader: FileReader, path: string): Promise<Buffer> {
  const length = reader.remaining
  if (length > readFileBytesMax) {
    const detail = `it has ${length} bytes more; read it in parts, at most ${readFileBytesMax} at once`
    throw new HdfsFileError('EFBIG', 'read', { path, detail })
  }
  const bytes = Buffer.allocUnsafe(length)
  let count = 0
  while (count < length) {
    const more = await reader.readNext(bytes.subarray(count))
    if (more === 0) break
    count += more
  }
  return bytes.subarray(0, count)
}

/** Writes all of `data` at the end; stops with `signal.reason` when aborted. */
export async function writeData(
  writer: FileWriter,
  data: FileData,
  encoding: BufferEncoding | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  if (typeof data === 'string' || ArrayBuffer.isView(data)) {
    await writer.write(bytesOf(data, encoding))
    return
  }
  for await (const chunk of data) {
    signal?.throwIfAborted()
    await writer.write(bytesOf(chunk, encoding))
  }
}

function bytesOf(data: string | ByteView, encoding: BufferEncoding | undefined): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
