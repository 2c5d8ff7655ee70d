// A file being written, block after block:
//
//   open ──► writing ──► closed            complete() on the NameNode, lease given back
//              │  └────► failed ──► given up
//              └───────► given up          lease recovery asked for: others may go on with what was acknowledged

import type { ExtendedBlockProto } from '@cairn/hadoop-proto'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError, throwFileError } from '../fs/file-error.ts'
import { BlockOutput } from './block-output.ts'
import { completeFile } from './complete-file.ts'
import { pipelineOf } from './pipeline.ts'
import type { WrittenFile } from './written-file.ts'

/** How long giving up waits for the NameNode, in milliseconds; nothing depends on its answer. */
const giveUpWaitMs = 5_000

/** Writes at the end of one file. Calls run one after another, in their order, whether awaited or not. */
export class FileWriter {
  readonly #context: ClientContext
  readonly #file: WrittenFile
  readonly #signal: AbortSignal | undefined
  #block: BlockOutput | undefined
  /** The last finished block, with its length. */
  #previous: ExtendedBlockProto | undefined
  #position: number
  /** The NameNode does not know of the block yet that hflush made promises about. */
  #unpersisted = true
  #tail: Promise<void> | undefined
  #failure: { readonly reason: unknown } | undefined

  constructor(context: ClientContext, file: WrittenFile, signal: AbortSignal | undefined) {
    this.#context = context
    this.#file = file
    this.#signal = signal
    this.#position = file.length
    this.#previous = file.previous
    context.leases.add(this)
    if (file.lastBlock) {
      this.#block = new BlockOutput(context, file, {
        previous: undefined,
        append: pipelineOf(file.lastBlock),
        signal,
      })
    }
  }

  /** Bytes in the file, those accepted and not yet written included. */
  get position(): number {
    return this.#position
  }

  /** Accepts bytes, which must stay as they are until this resolves; it resolves when they are copied. */
  write(bytes: Uint8Array): Promise<void> {
    this.#position += bytes.length
    return this.#inOrder(() => this.#write(bytes))
  }

  /** Resolves when every DataNode has what was written; new readers see it. */
  hflush(): Promise<void> {
    return this.#inOrder(() => this.#flush(false)) as Promise<void>
  }

  /** Resolves when every DataNode has what was written on its disks. ENOTSUP where DataNodes cannot be asked for that. */
  async hsync(): Promise<void> {
    const refused: HdfsFileError[] = []
    await this.#inOrder(async () => {
      if (await this.#canSync()) await this.#flush(true)
      else refused.push(new HdfsFileError('ENOTSUP', 'fsync', { path: this.#file.path, detail: noSync }))
    })
    if (refused[0] !== undefined) throw refused[0]
  }

  /** Releases without hsync show themselves by their data transfer, or as they name no checksum type [hgen.sync.1]. */
  async #canSync(): Promise<boolean> {
    const { namenode, serverDefaults } = this.#context
    if (!namenode.generation.dataTransfer.packets.canSync) return false
    return (await serverDefaults.read({ signal: this.#signal })).checksumType !== undefined
  }

  /** Finishes the last block and the file. After a failure it gives the file up and rejects with that failure. */
  async close(): Promise<void> {
    try {
      await this.#inOrder(() => this.#close())
    } catch (error) {
      await this.abort()
      throw error
    }
  }

  /** Gives the file up. Never rejects: the NameNode recovers it later in any case. */
  async abort(): Promise<void> {
    const reason = new HdfsFileError('ECANCELED', 'write', { path: this.#file.path })
    this.#failure ??= { reason }
    this.#block?.abort()
    if (!this.#context.leases.has(this)) return
    this.#context.leases.remove(this)
    const request = { src: this.#file.path, clientName: this.#context.leases.clientName }
    await this.#context.namenode
      .call('recoverLease', request, { timeoutMs: giveUpWaitMs })
      .catch(() => undefined)
  }

  /** Runs a step after those before it; at once when there are none. */
  #inOrder(step: () => void | Promise<void>): Promise<void> {
    const before = this.#tail
    const result = before === undefined ? this.#attempt(step) : before.then(() => this.#attempt(step))
    if (result === undefined) return done
    const settled = result.catch(() => undefined)
    this.#tail = settled
    settled.then(() => {
      if (this.#tail === settled) this.#tail = undefined
    })
    return result
  }

  /** A step that fails fails all that follow: a file with a hole would be worse than none. */
  #attempt(step: () => void | Promise<void>): void | Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.reason)
    try {
      return step()?.catch((error: unknown) => this.#fail(error))
    } catch (error) {
      return Promise.reject(error).catch((reason: unknown) => this.#fail(reason))
    }
  }

  #fail(reason: unknown): never {
    this.#failure ??= { reason }
    throw reason
  }

  #write(bytes: Uint8Array): void | Promise<void> {
    const block = this.#block
    const room = block === undefined ? 0 : this.#file.blockSize - block.length
    return block !== undefined && bytes.length < room ? block.write(bytes) : this.#writeOver(bytes)
  }

  /** Bytes that end at or beyond the border of a block. */
  async #writeOver(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const block = this.#block ?? this.#nextBlock()
      const part = bytes.subarray(at, at + this.#file.blockSize - block.length)
      const waiting = block.write(part)
      if (waiting) await waiting
      at += part.length
      if (block.length === this.#file.blockSize) await this.#finishBlock(block)
    }
  }

  #nextBlock(): BlockOutput {
    const options = { previous: this.#previous, append: undefined, signal: this.#signal }
    this.#block = new BlockOutput(this.#context, this.#file, options)
    this.#unpersisted = true
    return this.#block
  }

  async #finishBlock(block: BlockOutput): Promise<void> {
    await block.finish()
    this.#previous = block.block
    this.#block = undefined
  }

  async #flush(sync: boolean): Promise<void> {
    await this.#block?.flush(sync)
    if (!this.#unpersisted) return
    const { path, fileId } = this.#file
    const client = this.#context.leases.clientName
    // Only now does the NameNode write down that the block is part of the file: without it a restart would lose it.
    await this.#context.namenode
      .call('fsync', { src: path, client, lastBlockLength: -1n, fileId }, { signal: this.#signal })
      .catch((error: unknown) => throwFileError(error, 'fsync', path))
    this.#unpersisted = false
  }

  async #close(): Promise<void> {
    if (this.#block) await this.#finishBlock(this.#block)
    const { path, fileId } = this.#file
    const { clientName } = this.#context.leases
    const request = { src: path, clientName, last: this.#previous, fileId }
    await completeFile(this.#context.namenode, request, this.#signal)
    this.#context.leases.remove(this)
  }
}

const noSync =
  'DataNodes of this release bring nothing to their disks when asked; hflush shows it to readers. Hadoop has hsync since 2.0.2-alpha'

const done: Promise<void> = Promise.resolve()
