// Where a file's blocks are, as far as it was asked. Locations come in ranges (getBlockLocations) and are kept; when
// replicas fail they are asked for again. A file being written has a last block whose length only its DataNodes know.
//
//   invariant: #starts is sorted, #starts[i] is the file offset of #blocks[i], and blocks do not overlap

import { type Striping, stripingOf } from '@cairn/erasure-coding'
import type { ErasureCodingPolicyProto, LocatedBlockProto, LocatedBlocksProto } from '@cairn/hadoop-proto'
import type { ClientContext } from '../client-context.ts'
import { erasureCodingPolicyName } from '../fs/erasure-coding.ts'
import { HdfsFileError, throwFileError } from '../fs/file-error.ts'
import { locatedBlocksPrefetch } from '../limits.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import { replicaVisibleLength } from './replica-visible-length.ts'

/** Block size assumed for the first request, when nothing says otherwise (dfs.blocksize). */
const blockBytesAssumed = 128 * 1024 * 1024

/** A file's block locations. */
export class LocatedFile {
  readonly path: string
  readonly #context: ClientContext
  readonly #starts: number[] = []
  readonly #blocks: LocatedBlockProto[] = []
  #length: number | undefined
  #striping: Striping | undefined
  #ecPolicy: ErasureCodingPolicyProto | undefined

  private constructor(context: ClientContext, path: string) {
    this.#context = context
    this.path = path
  }

  /** Asks for the first blocks. ENOENT, EISDIR, EACCES; ENOTSUP for files that cannot be read as they are. */
  static async open(
    context: ClientContext,
    path: string,
    options: CallOptions & { syscall: string },
  ): Promise<LocatedFile> {
    const file = new LocatedFile(context, path)
    await file.#fetch(0, options.syscall, options)
    return file
  }

  /** How the file is cut into units; undefined for one of plain replicas. */
  get striping(): Striping | undefined {
    return this.#striping
  }

  /** The policy that says so, as the NameNode sent it. */
  get ecPolicy(): ErasureCodingPolicyProto | undefined {
    return this.#ecPolicy
  }

  /** Bytes in the file when it was opened, those of a block being written included. */
  get length(): number {
    return this.#length ?? 0
  }

  /** The block with the byte at `position`, which must be below `length`; no promise when it is known. */
  blockAt(position: number, options?: CallOptions): LocatedBlockProto | Promise<LocatedBlockProto> {
    return this.#find(position) ?? this.#fetchBlock(position, options)
  }

  /** Every block with bytes in `[start, end)`. */
  async blocksOf(start: number, end: number, options?: CallOptions): Promise<LocatedBlockProto[]> {
    const blocks: LocatedBlockProto[] = []
    for (let position = start; position < end; ) {
      const block = await this.blockAt(position, options)
      blocks.push(block)
      position = Number(block.offset) + blockLength(block)
    }
    return blocks
  }

  /** Asks for everything again, the length included: the file was changed on purpose. */
  async reload(options?: CallOptions): Promise<void> {
    this.#forget()
    this.#length = undefined
    await this.#fetch(0, 'read', options)
  }

  /**
   * Asks again for a block whose locations did not serve. ESTALE when another block is there now: then the file was
   * replaced, and what comes next would not belong to what was read before.
   */
  async refresh(block: LocatedBlockProto, options?: CallOptions): Promise<LocatedBlockProto> {
    this.#forget()
    const found = await this.#fetchBlock(Number(block.offset), options)
    if (found.b.blockId === block.b.blockId) return found
    const detail = `block ${block.b.blockId} at ${block.offset} gave way to block ${found.b.blockId}: the file was replaced`
    throw new HdfsFileError('ESTALE', 'read', { path: this.path, detail })
  }

  #forget(): void {
    this.#starts.length = 0
    this.#blocks.length = 0
  }

  #find(position: number): LocatedBlockProto | undefined {
    const starts = this.#starts
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (starts[middle]! <= position) low = middle + 1
      else high = middle
    }
    const block = this.#blocks[low - 1]
    return block && position < starts[low - 1]! + blockLength(block) ? block : undefined
  }

  async #fetchBlock(position: number, options: CallOptions | undefined): Promise<LocatedBlockProto> {
    await this.#fetch(position, 'read', options)
    const block = this.#find(position)
    if (block) return block
    const detail = `the NameNode knows no block at ${position}; was the file replaced or cut?`
    throw new HdfsFileError('EIO', 'read', { path: this.path, detail })
  }

  async #fetch(position: number, syscall: string, options: CallOptions | undefined): Promise<void> {
    const blockBytes = this.#context.settings.blockSize ?? blockBytesAssumed
    const prefetch = BigInt(locatedBlocksPrefetch * blockBytes)
    const request = { src: this.path, offset: BigInt(position), length: prefetch }
    this.#context.dataEncryption.prepare()
    const { locations } = await this.#context.namenode
      .call('getBlockLocations', request, options)
      .catch((error: unknown) => throwFileError(error, syscall, this.path))
    if (locations === undefined) throw new HdfsFileError('ENOENT', syscall, { path: this.path })
    refuseUnreadable(locations, syscall, this.path)
    this.#striping = stripingOfFile(locations, syscall, this.path)
    this.#ecPolicy = locations.ecPolicy
    for (const block of locations.blocks) if (blockLength(block) > 0) this.#add(block)
    let length = Number(locations.fileLength)
    // Nobody can say which stripes of a group being written are whole.
    if (locations.lastBlock && !locations.isLastBlockComplete && !this.#striping) {
      length = Math.max(length, await this.#addBlockBeingWritten(locations.lastBlock, options))
    }
    // A handle keeps the length that it was opened with, whoever writes meanwhile.
    this.#length ??= length
  }

  /** Adds the last block with the length that readers may see; where that ends in the file. */
  async #addBlockBeingWritten(block: LocatedBlockProto, options: CallOptions | undefined): Promise<number> {
    const visible = await replicaVisibleLength(this.#context, this.path, block, options)
    const start = Number(block.offset)
    this.#remove(start)
    if (visible > 0) this.#add({ ...block, b: { ...block.b, numBytes: BigInt(visible) } })
    return start + visible
  }

  #add(block: LocatedBlockProto): void {
    const start = Number(block.offset)
    let at = this.#starts.length
    while (at > 0 && this.#starts[at - 1]! >= start) at -= 1
    const replaced = this.#starts[at] === start ? 1 : 0
    this.#starts.splice(at, replaced, start)
    this.#blocks.splice(at, replaced, block)
  }

  #remove(start: number): void {
    const at = this.#starts.indexOf(start)
    if (at < 0) return
    this.#starts.splice(at, 1)
    this.#blocks.splice(at, 1)
  }
}

/** Bytes in a block. */
export function blockLength(block: LocatedBlockProto): number {
  return Number(block.b.numBytes ?? 0n)
}

/** Bytes of such files are not what DataNodes send: better no answer than a wrong one. */
function refuseUnreadable(locations: LocatedBlocksProto, syscall: string, path: string): void {
  if (locations.fileEncryptionInfo) {
    const { keyName } = locations.fileEncryptionInfo
    const detail = `the file is encrypted (key ${keyName}), which this client does not read`
    throw new HdfsFileError('ENOTSUP', syscall, { path, detail })
  }
}

function stripingOfFile(
  { ecPolicy }: LocatedBlocksProto,
  syscall: string,
  path: string,
): Striping | undefined {
  if (ecPolicy === undefined) return undefined
  try {
    return stripingOf(ecPolicy)
  } catch (cause) {
    const detail = `the file is erasure coded (${erasureCodingPolicyName(ecPolicy)}) in a way that this client does not know`
    throw new HdfsFileError('ENOTSUP', syscall, { path, detail, cause })
  }
}
