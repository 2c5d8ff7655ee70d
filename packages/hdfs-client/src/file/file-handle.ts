import { Buffer } from 'node:buffer'
import type { Readable, Writable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import * as metadata from '../fs/metadata.ts'
import { truncate } from '../fs/namespace.ts'
import type { Stats } from '../fs/stats.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import type { FileReader } from '../read/file-reader.ts'
import type { FileWriter } from '../write/file-writer.ts'
import {
  type ByteView,
  type ReadOptions,
  readRequest,
  type WriteOptions,
  writeRequest,
} from './io-arguments.ts'
import {
  type ReadStreamOptions,
  readableStream,
  readableWebStream,
  type WriteStreamOptions,
  writableStream,
} from './streams.ts'
import { type FileData, readToEnd, writeData } from './transfer.ts'

/** What the handle is good for. */
export type HandleState =
  | { readonly kind: 'read'; readonly reader: FileReader; readonly truncate: boolean }
  | { readonly kind: 'write'; readonly writer: FileWriter }

/** Bytes per chunk of the async iteration. */
const chunkBytes = 256 * 1024

/** An open file, shaped like `FileHandle` of `node:fs/promises`. HDFS files are read, or written from their end. */
export class FileHandle implements AsyncIterable<Uint8Array> {
  /** The file's path. */
  readonly path: string
  readonly #context: ClientContext
  readonly #state: HandleState
  #closing: Promise<void> | undefined

  /** Made by `open`. */
  constructor(context: ClientContext, path: string, state: HandleState) {
    this.#context = context
    this.path = path
    this.#state = state
    context.openFiles.add(this)
  }

  /** Bytes in the file: those it had when it was opened for reading, or every byte written so far. */
  get size(): number {
    return this.#state.kind === 'write' ? this.#state.writer.position : this.#state.reader.size
  }

  /** Reads up to the buffer's end or the file's; without `position` from where the last read ended. */
  read<T extends ByteView>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<{ bytesRead: number; buffer: T }>
  read<T extends ByteView>(buffer: T, options: ReadOptions): Promise<{ bytesRead: number; buffer: T }>
  read<T extends ByteView = Buffer>(options?: ReadOptions<T>): Promise<{ bytesRead: number; buffer: T }>
  async read<T extends ByteView>(
    first?: T | ReadOptions<T>,
    second?: number | null | ReadOptions,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<{ bytesRead: number; buffer: T }> {
    const reader = this.#reader('read')
    const { buffer, target, position: at } = readRequest(first, second, length, position)
    const bytesRead = await (at === undefined ? reader.readNext(target) : reader.readAt(target, at))
    return { bytesRead, buffer }
  }

  /** Writes at the end. Resolves when the bytes are accepted, not when they are safe: see hflush and hsync. */
  write<T extends ByteView>(
    buffer: T,
    offset?: number | null | WriteOptions,
    length?: number | null,
    position?: number | null,
  ): Promise<{ bytesWritten: number; buffer: T }>
  write(
    text: string,
    position?: number | null,
    encoding?: BufferEncoding | null,
  ): Promise<{ bytesWritten: number; buffer: string }>
  async write<T extends ByteView>(
    data: T | string,
    second?: number | null | WriteOptions,
    third?: number | string | null,
    fourth?: number | null,
  ): Promise<{ bytesWritten: number; buffer: T | string }> {
    const writer = this.#writer('write')
    const { bytes, position } = writeRequest(data, second, third, fourth)
    if (position !== undefined && position !== writer.position) {
      const detail = `HDFS writes at the file's end, ${writer.position}, not at ${position}`
      throw new HdfsFileError('ESPIPE', 'write', { path: this.path, detail })
    }
    await writer.write(bytes)
    return { bytesWritten: bytes.length, buffer: data }
  }

  /** Everything from the cursor to the end. */
  readFile(options: { encoding: BufferEncoding } | BufferEncoding): Promise<string>
  readFile(options?: { encoding?: undefined }): Promise<Buffer>
  async readFile(
    options?: { encoding?: BufferEncoding | undefined } | BufferEncoding,
  ): Promise<Buffer | string> {
    const bytes = await readToEnd(this.#reader('read'), this.path)
    const encoding = typeof options === 'string' ? options : options?.encoding
    return encoding === undefined ? bytes : bytes.toString(encoding)
  }
  /** Writes all of `data` at the end. */
  writeFile(
    data: FileData,
    options?: { encoding?: BufferEncoding; signal?: AbortSignal } | BufferEncoding,
  ): Promise<void> {
    const { encoding, signal } =
      typeof options === 'string' ? { encoding: options, signal: undefined } : (options ?? {})
    return writeData(this.#writer('write'), data, encoding, signal)
  }
  /** The same as writeFile: HDFS writes at the end only. */
  appendFile(
    data: FileData,
    options?: { encoding?: BufferEncoding; signal?: AbortSignal } | BufferEncoding,
  ): Promise<void> {
    return this.writeFile(data, options)
  }

  /** Makes what was written visible to new readers: every DataNode of the pipeline has it in memory. */
  hflush(): Promise<void> {
    return this.#writer('fdatasync').hflush()
  }
  /** Makes what was written survive power cuts: every DataNode of the pipeline has it on disk. */
  hsync(): Promise<void> {
    return this.#writer('fsync').hsync()
  }
  /** hsync, under Node's name; nothing to do for a file that is read. */
  async sync(): Promise<void> {
    if (this.#state.kind === 'write') await this.hsync()
  }
  /** hsync as well: `fdatasync` promises durable data. */
  datasync(): Promise<void> {
    return this.sync()
  }

  /** The file's status; the size of a file being written counts every byte written so far. */
  async stat(options?: CallOptions): Promise<Stats> {
    return await metadata.statOpen(this.#context.namenode, this.path, this.size, options)
  }
  chmod(mode: number | string, options?: CallOptions): Promise<void> {
    return metadata.chmod(this.#context.namenode, this.path, mode, options)
  }
  chown(owner: string | undefined, group?: string, options?: CallOptions): Promise<void> {
    return metadata.chown(this.#context.namenode, this.path, owner, group, options)
  }
  utimes(atime?: metadata.TimeLike, mtime?: metadata.TimeLike, options?: CallOptions): Promise<void> {
    return metadata.utimes(this.#context.namenode, this.path, { atime, mtime }, options)
  }
  /** Cuts the file (flags r+). A file being written can only be "cut" at its end. */
  async truncate(length = 0, options: CallOptions = {}): Promise<void> {
    const state = this.#open('ftruncate')
    if (state.kind === 'read' && state.truncate) {
      const { clientName } = this.#context.leases
      await truncate(this.#context.namenode, this.path, length, { ...options, clientName })
      await state.reader.reload()
    } else if (state.kind === 'read' || length !== state.writer.position) {
      const detail = 'HDFS cuts closed files; open with flags r+ or call client.truncate'
      throw new HdfsFileError('EINVAL', 'ftruncate', { path: this.path, detail })
    }
  }

  /** A Node stream of the bytes from `start` (default the cursor) to `end`, which is included as in Node. */
  createReadStream(options: ReadStreamOptions = {}): Readable {
    return readableStream(this, this.#reader('read'), options)
  }
  /** A Node stream that writes at the end; ending it closes the file unless `autoClose` is false. */
  createWriteStream(options: WriteStreamOptions = {}): Writable {
    return writableStream(this, this.#writer('write'), options)
  }
  /** A web stream of bytes from the cursor on. */
  readableWebStream(): ReadableStream<Uint8Array> {
    return readableWebStream(this, this.#reader('read'))
  }
  /** Chunks from the cursor to the end, each a buffer of its own; `read` into one buffer again and again costs less. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    const reader = this.#reader('read')
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, Math.max(reader.remaining, 1)))
      const count = await reader.readNext(chunk)
      if (count === 0) return
      yield count === chunk.length ? chunk : chunk.subarray(0, count)
    }
  }

  /** Ends reading; for a file being written: resolves when every block is complete on the NameNode. Idempotent. */
  close(): Promise<void> {
    this.#context.openFiles.delete(this)
    this.#closing ??= this.#state.kind === 'read' ? this.#state.reader.close() : this.#state.writer.close()
    return this.#closing
  }
  /** Gives up a file being written: what DataNodes acknowledged stays, and others may recover it at once. */
  abort(): Promise<void> {
    this.#context.openFiles.delete(this)
    this.#closing ??= this.#state.kind === 'read' ? this.#state.reader.close() : this.#state.writer.abort()
    return this.#closing
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #open(syscall: string): HandleState {
    if (this.#closing) throw new HdfsFileError('EBADF', syscall, { path: this.path })
    return this.#state
  }
  #reader(syscall: string): FileReader {
    const state = this.#open(syscall)
    if (state.kind === 'read') return state.reader
    throw new HdfsFileError('EBADF', syscall, { path: this.path })
  }
  #writer(syscall: string): FileWriter {
    const state = this.#open(syscall)
    if (state.kind === 'write') return state.writer
    throw new HdfsFileError('EBADF', syscall, { path: this.path })
  }
}
