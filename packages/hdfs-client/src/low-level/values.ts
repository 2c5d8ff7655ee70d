// What the low-level client's short calls answer with: the names of everyday, and the whole message beside them.
import { inspect } from 'node:util'
import type { HdfsFileStatusProto, LocatedBlockProto, LocatedBlocksProto } from '@cairn/hadoop-proto'
import { datanodeAddress, formatDatanodeAddress } from '@cairn/hdfs-block-io'
import { Stats } from '../fs/stats.ts'
import { type BlockAccess, BlockData } from './block-data.ts'

/** A file or directory as getFileInfo tells it. */
export class FileInfo extends Stats {
  /** All that the NameNode said. */
  readonly message: HdfsFileStatusProto

  constructor(message: HdfsFileStatusProto) {
    super(message)
    this.message = message
  }
}

/** One block of a file and where it is; `data(block, clientName)` reads or writes it. */
export class Block {
  readonly #access: BlockAccess
  #message: LocatedBlockProto

  /** Made by `getBlockLocations`, `addBlock` and `Rpc.block`. */
  constructor(access: BlockAccess, message: LocatedBlockProto) {
    this.#access = access
    this.#message = message
  }

  /** All that the NameNode said, with the length that was written since. */
  get message(): LocatedBlockProto {
    return this.#message
  }
  get id(): bigint {
    return this.#message.b.blockId
  }
  get generationStamp(): bigint {
    return this.#message.b.generationStamp
  }
  /** Bytes in the block. */
  get size(): number {
    return Number(this.#message.b.numBytes ?? 0n)
  }
  /** Where the block begins in its file. */
  get offset(): number {
    return Number(this.#message.offset)
  }
  /** `host:port` of the DataNodes that have it, nearest first. */
  get locations(): string[] {
    return this.#message.locs.map((node) => formatDatanodeAddress(datanodeAddress(node)))
  }

  /** The block's bytes, read or written as `clientName`. */
  data(clientName: string): BlockData {
    return new BlockData(this, this.#access, clientName, (length) => this.#written(length))
  }

  #written(length: number): void {
    this.#message = { ...this.#message, b: { ...this.#message.b, numBytes: BigInt(length) } }
  }

  toString(): string {
    return `block(id=${this.id}, size=${this.size}, offset=${this.offset})`
  }
  [inspect.custom](): string {
    return this.toString()
  }
}

/** The blocks of a file, or of a range of it, in their order. */
export class Blocks implements Iterable<Block> {
  /** All that the NameNode said. */
  readonly message: LocatedBlocksProto
  readonly #blocks: readonly Block[]

  constructor(access: BlockAccess, message: LocatedBlocksProto) {
    this.message = message
    this.#blocks = message.blocks.map((block) => new Block(access, block))
  }

  /** Bytes in the whole file. */
  get size(): number {
    return Number(this.message.fileLength)
  }
  /** How many blocks there are. */
  get length(): number {
    return this.#blocks.length
  }
  /** A block by its place; negative counts from the end. */
  at(index: number): Block | undefined {
    return this.#blocks.at(index)
  }
  [Symbol.iterator](): Iterator<Block> {
    return this.#blocks[Symbol.iterator]()
  }
}

/** The bytes of a block: `data(block, 'me').read()` or `.write(bytes)`. */
export function data(block: Block, clientName: string): BlockData {
  return block.data(clientName)
}
