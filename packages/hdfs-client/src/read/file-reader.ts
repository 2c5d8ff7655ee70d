import type { ClientContext } from '../client-context.ts'
import type { LocatedFile } from './located-file.ts'
import { type FileStream, openStream } from './open-stream.ts'
import { PositionalReader } from './positional-reader.ts'

/**
 * Reads a file from a cursor on (`readNext`), and anywhere (`readAt`). Reads from the cursor run one after another in
 * the order of the calls; positional reads run side by side, each on a connection of its own.
 */
export class FileReader {
  readonly #context: ClientContext
  readonly #file: LocatedFile
  readonly #positional: PositionalReader
  readonly #signal: AbortSignal | undefined
  #position: number
  #stream: FileStream | undefined
  #last: Promise<unknown> | undefined
  #closed = false
  readonly #cursors = new Set<FileReader>()

  constructor(
    context: ClientContext,
    file: LocatedFile,
    options: { position?: number; signal?: AbortSignal | undefined },
  ) {
    this.#context = context
    this.#file = file
    this.#signal = options.signal
    this.#position = options.position ?? 0
    this.#positional = new PositionalReader(context, file, options.signal)
  }

  /** The cursor: where the next `readNext` starts. */
  get position(): number {
    return this.#position
  }
  /** The file's length when it was opened. */
  get size(): number {
    return this.#file.length
  }
  /** Bytes from the cursor to the end. */
  get remaining(): number {
    return Math.max(0, this.#file.length - this.#position)
  }

  /** Fills `target` from the cursor on; fewer bytes only at the file's end, 0 there. */
  readNext(target: Uint8Array): Promise<number> {
    const previous = this.#last
    const result = previous === undefined ? this.#fill(target) : previous.then(() => this.#fill(target))
    // The next read waits for this one, whether it fails or not.
    const settled = result.then(
      () => {
        if (this.#last === settled) this.#last = undefined
      },
      () => {
        if (this.#last === settled) this.#last = undefined
      },
    )
    this.#last = settled
    return result
  }

  /** Fills `target` from `position` on, leaving the cursor alone. */
  readAt(target: Uint8Array, position: number): Promise<number> {
    return this.#positional.read(target, position)
  }

  /** Another cursor on the same file; it ends with this reader, if not before. */
  cursorAt(position: number): FileReader {
    const cursor = new FileReader(this.#context, this.#file, { position, signal: this.#signal })
    this.#cursors.add(cursor)
    return cursor
  }

  /** Asks the NameNode for length and blocks again, after the file was cut. */
  async reload(): Promise<void> {
    this.#stream?.close()
    this.#stream = undefined
    this.#positional.close()
    await this.#file.reload({ signal: this.#signal })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const cursor of this.#cursors) await cursor.close()
    this.#cursors.clear()
    this.#stream?.close()
    this.#stream = undefined
    this.#positional.close()
  }

  async #fill(target: Uint8Array): Promise<number> {
    let count = 0
    while (count < target.length && this.remaining > 0 && !this.#closed) {
      try {
        count += await this.#readSome(count === 0 ? target : target.subarray(count))
      } catch (error) {
        // What was read before is delivered; the next call meets the fault again.
        if (count === 0) throw error
        return count
      }
    }
    return count
  }

  async #readSome(target: Uint8Array): Promise<number> {
    const stream = this.#stream ?? (await this.#openStream())
    const result = stream.read(target)
    const count = typeof result === 'number' ? result : await result
    this.#position += count
    if (stream.remaining === 0) {
      stream.close()
      this.#stream = undefined
    }
    return count
  }

  async #openStream(): Promise<FileStream> {
    const found = this.#file.blockAt(this.#position, { signal: this.#signal })
    const block = found instanceof Promise ? await found : found
    const end = Math.min(Number(block.offset) + Number(block.b.numBytes ?? 0n), this.#file.length)
    const range = { start: this.#position, end }
    this.#stream = openStream(this.#context, this.#file, block, range, this.#signal)
    return this.#stream
  }
}
