import { Buffer } from 'node:buffer'
import { Readable, Writable } from 'node:stream'
import { type ReadableByteStreamController, ReadableStream } from 'node:stream/web'
import type { FileReader } from '../read/file-reader.ts'
import type { FileWriter } from '../write/file-writer.ts'

/** Options of createReadStream. */
export interface ReadStreamOptions {
  /** First byte. Default: where the last read ended. */
  start?: number | undefined
  /** Last byte, included. Default: the file's last. */
  end?: number | undefined
  /** Bytes per chunk. Default 256 KiB. */
  highWaterMark?: number | undefined
  encoding?: BufferEncoding | undefined
  /** Closes the handle when the stream ends. Default true. */
  autoClose?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** Options of createWriteStream. */
export interface WriteStreamOptions {
  highWaterMark?: number | undefined
  /** Closes the handle when the stream ends. Default true. */
  autoClose?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** What a stream closes. */
interface Closable {
  close(): Promise<void>
  abort(): Promise<void>
}

const chunkBytesDefault = 256 * 1024

/** A Node stream over a reader; it has a cursor of its own when `start` is given. */
export function readableStream(handle: Closable, reader: FileReader, options: ReadStreamOptions): Readable {
  const source = options.start === undefined ? reader : reader.cursorAt(options.start)
  const chunkBytes = options.highWaterMark ?? chunkBytesDefault
  const autoClose = options.autoClose !== false
  let left = options.end === undefined ? Number.POSITIVE_INFINITY : options.end + 1 - source.position
  return new Readable({
    highWaterMark: chunkBytes,
    autoDestroy: true,
    ...(options.encoding && { encoding: options.encoding }),
    ...(options.signal && { signal: options.signal }),
    read() {
      const wanted = Math.min(chunkBytes, left, source.remaining)
      if (wanted <= 0) {
        this.push(null)
        return
      }
      const chunk = Buffer.allocUnsafeSlow(wanted)
      source.readNext(chunk).then(
        (count) => {
          left -= count
          this.push(count === 0 ? null : chunk.subarray(0, count))
        },
        (error: Error) => this.destroy(error),
      )
    },
    destroy(error, done) {
      const own = source === reader ? Promise.resolve() : source.close()
      const closed = autoClose ? own.then(() => handle.close()) : own
      closed.then(
        () => done(error),
        (failure: Error) => done(error ?? failure),
      )
    },
  })
}

/** A Node stream over a writer; destroying it gives the file up. */
export function writableStream(handle: Closable, writer: FileWriter, options: WriteStreamOptions): Writable {
  const autoClose = options.autoClose !== false
  return new Writable({
    highWaterMark: options.highWaterMark ?? chunkBytesDefault,
    ...(options.signal && { signal: options.signal }),
    write(chunk: Buffer, _encoding, done) {
      writer.write(chunk).then(() => done(), done)
    },
    writev(chunks, done) {
      const writes = chunks.map(({ chunk }) => writer.write(chunk as Buffer))
      Promise.all(writes).then(() => done(), done)
    },
    final(done) {
      const closed = autoClose ? handle.close() : writer.hflush()
      closed.then(() => done(), done)
    },
    destroy(error, done) {
      if (error === null || !autoClose) {
        done(error)
        return
      }
      handle.abort().then(
        () => done(error),
        () => done(error),
      )
    },
  })
}

/** A web stream of bytes from the reader's cursor on; reading into the consumer's own buffer where it brings one. */
export function readableWebStream(handle: Closable, reader: FileReader): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    type: 'bytes',
    autoAllocateChunkSize: chunkBytesDefault,
    async pull(controller: ReadableByteStreamController) {
      // A byte stream with autoAllocateChunkSize always has a request to fill.
      const request = controller.byobRequest!
      const view = request.view as Uint8Array
      const count = await reader.readNext(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
      if (count === 0) {
        controller.close()
        await handle.close()
      }
      request.respond(count)
    },
    async cancel() {
      await handle.close()
    },
  } as unknown as ConstructorParameters<typeof ReadableStream<Uint8Array>>[0])
}
