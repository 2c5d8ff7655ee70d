import { Buffer } from 'node:buffer'
import type { HdfsClient } from '../client.ts'
import type { FileHandle } from '../file/file-handle.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import { readFileBytesMax } from '../limits.ts'
import type { FileMode } from './open.ts'
import { asProtocolException } from './refusal.ts'

/** Where `seek` counts from: the file's start (0), the position (1), or its end (2); as in Python. */
export type Whence = 0 | 1 | 2

/**
 * An open file with a position, shaped like Python's file objects. Await one call before the next. What the NameNode
 * refuses is a ProtocolException of its class; wrong use is an HdfsFileError.
 */
export class HdfsFile implements AsyncDisposable {
  /** As it was given to `open`. */
  readonly name: string
  readonly mode: FileMode
  readonly #client: HdfsClient
  readonly #handle: FileHandle
  #position = 0
  #closing: Promise<void> | undefined

  /** Made by `open`. */
  constructor(name: string, mode: FileMode, client: HdfsClient, handle: FileHandle) {
    this.name = name
    this.mode = mode
    this.#client = client
    this.#handle = handle
  }

  get closed(): boolean {
    return this.#closing !== undefined
  }
  /** Bytes in the file when it was opened, and those written since. */
  get size(): number {
    return this.#handle.size
  }

  /** Where the next read or write is, in bytes from the file's start. */
  tell(): number {
    this.#check('tell')
    return this.mode === 'r' ? this.#position : this.#handle.size
  }

  /** Moves the position and gives it, also beyond the end; a file being written has only its end (ESPIPE). */
  seek(offset: number, whence: Whence = 0): number {
    this.#check('seek')
    const from = whence === 0 ? 0 : whence === 1 ? this.tell() : this.size
    const position = from + offset
    if (!Number.isSafeInteger(position) || position < 0) {
      const detail = `found position ${position}; a whole number from 0 on is needed`
      throw new HdfsFileError('EINVAL', 'seek', { path: this.name, detail })
    }
    if (this.mode === 'r') this.#position = position
    else if (position !== this.size) {
      const detail = `HDFS writes at the file's end, ${this.size}, not at ${position}`
      throw new HdfsFileError('ESPIPE', 'seek', { path: this.name, detail })
    }
    return position
  }

  /** `size` bytes from the position on, fewer only at the file's end; without `size` everything up to there. */
  async read(size?: number): Promise<Buffer> {
    this.#check('read', 'r')
    const start = this.#position
    const left = Math.max(0, this.size - start)
    const length = size === undefined || size < 0 ? left : Math.min(size, left)
    if (length > readFileBytesMax) {
      const detail = `it has ${left} bytes more; read it in parts, at most ${readFileBytesMax} at once`
      throw new HdfsFileError('EFBIG', 'read', { path: this.name, detail })
    }
    const bytes = Buffer.allocUnsafeSlow(length)
    if (length === 0) return bytes
    this.#position = start + length
    try {
      const { bytesRead } = await this.#handle.read(bytes, 0, length, start)
      return bytesRead === length ? bytes : bytes.subarray(0, bytesRead)
    } catch (error) {
      this.#position = start
      throw asProtocolException(error, `read ${length} bytes at ${start} of ${this.name}`)
    }
  }

  /** Writes at the end, text as UTF-8, and gives the number of bytes. Resolves when they are accepted: see `flush`. */
  async write(data: string | Uint8Array): Promise<number> {
    this.#check('write', 'wa')
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    await this.#handle.write(bytes).catch((error: unknown) => {
      throw asProtocolException(error, `write ${bytes.length} bytes to ${this.name}`)
    })
    return bytes.length
  }

  /** Makes what was written visible to readers: every DataNode of the pipeline has it. */
  async flush(): Promise<void> {
    this.#check('flush')
    if (this.mode === 'r') return
    await this.#handle.hflush().catch((error: unknown) => {
      throw asProtocolException(error, `flush ${this.name}`)
    })
  }

  /** Finishes the file and ends its client. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    try {
      await this.#handle.close()
    } catch (error) {
      throw asProtocolException(error, `close ${this.name}`)
    } finally {
      await this.#client.close()
    }
  }

  #check(syscall: string, modes = 'rwa'): void {
    if (this.closed) throw new HdfsFileError('EBADF', syscall, { path: this.name, detail: 'it is closed' })
    if (modes.includes(this.mode)) return
    throw new HdfsFileError('EBADF', syscall, {
      path: this.name,
      detail: `it was opened with mode ${this.mode}`,
    })
  }
}
