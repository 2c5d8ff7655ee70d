import { Buffer } from 'node:buffer'
import type { LocatedBlockProto } from '@cairn/hadoop-proto'

/** Which bytes of a block. */
export interface BlockDataRange {
  /** First byte, in the block. Default 0. */
  offset?: number | undefined
  /** Default: up to the block's end. */
  length?: number | undefined
  signal?: AbortSignal | undefined
}

/** How the blocks of a cluster are reached. */
export interface BlockAccess {
  read(block: LocatedBlockProto, range: BlockDataRange & { clientName: string }): Promise<Buffer>
  write(
    block: LocatedBlockProto,
    bytes: Uint8Array,
    options: { clientName: string; signal?: AbortSignal | undefined },
  ): Promise<void>
}

/** What BlockData knows of its block. */
interface DataBlock {
  readonly id: bigint
  readonly size: number
  readonly message: LocatedBlockProto
}

/** One block's bytes, on its DataNodes. Errors are BlockReadError and BlockWriteError. */
export class BlockData {
  readonly #block: DataBlock
  readonly #access: BlockAccess
  readonly #clientName: string
  readonly #written: (length: number) => void

  /** Made by `data(block, clientName)`. */
  constructor(block: DataBlock, access: BlockAccess, clientName: string, written: (length: number) => void) {
    this.#block = block
    this.#access = access
    this.#clientName = clientName
    this.#written = written
  }

  /** Bytes of the block, verified, from the first DataNode that gives them all. */
  read(range: BlockDataRange = {}): Promise<Buffer> {
    const { id, size, message } = this.#block
    const { offset = 0, signal } = range
    const length = range.length ?? size - offset
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length)
    if (!whole || offset < 0 || length < 0 || offset + length > size) {
      const found = `read ${length} bytes at ${offset} of block ${id}: it has ${size} bytes`
      return Promise.reject(new RangeError(found))
    }
    if (length === 0) return Promise.resolve(Buffer.alloc(0))
    return this.#access.read(message, { offset, length, signal, clientName: this.#clientName })
  }

  /** Writes the whole block through its pipeline; text is UTF-8. Resolves when every DataNode has finished it. */
  async write(bytes: Uint8Array | string, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    await this.#access.write(this.#block.message, data, { ...options, clientName: this.#clientName })
    this.#written(data.length)
  }
}
