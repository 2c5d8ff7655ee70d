import {
  encodeSegmentHeader,
  formatInProgressFileName,
  formatSegmentFileName,
  segmentHeaderBytes,
} from '@cairn/hdfs-storage'
import { type StorageFile, type StorageFileSystem, writeAll } from './storage-file-system.ts'

/** `OP_INVALID`: how claimed room looks. */
const padding = 0xff

/** Options of `SegmentWriter.create`. */
export interface SegmentWriterOptions {
  readonly fileSystem: StorageFileSystem
  /** `<dir>/current`. */
  readonly directory: string
  readonly firstTxid: number
  /** Room is claimed ahead in steps of this, so that most syncs need not change the file's length. */
  readonly preallocateBytes: number
}

/**
 * The segment that is being written: `edits_inprogress_<first>`, from its creation until it gets its final name.
 *
 *     | header | operations … position | 0xFF up to the claimed end |
 */
export class SegmentWriter {
  readonly #fileSystem: StorageFileSystem
  readonly #directory: string
  readonly #firstTxid: number
  readonly #file: StorageFile
  readonly #preallocateBytes: number
  #position = 0
  #claimed = 0

  private constructor(options: SegmentWriterOptions, file: StorageFile) {
    this.#fileSystem = options.fileSystem
    this.#directory = options.directory
    this.#firstTxid = options.firstTxid
    this.#preallocateBytes = options.preallocateBytes
    this.#file = file
  }

  /** Creates the file with its header. Not durable before `sync` and a sync of the directory. */
  static async create(options: SegmentWriterOptions): Promise<SegmentWriter> {
    const path = `${options.directory}/${formatInProgressFileName(options.firstTxid)}`
    const writer = new SegmentWriter(options, await options.fileSystem.open(path, 'create-synced'))
    try {
      // Before any room is claimed: a header cut short then makes a short file, never one that
      // looks damaged [edits.sync.4].
      await writer.#writeHeader()
    } catch (error) {
      await writer.abandon()
      throw error
    }
    return writer
  }

  async #writeHeader(): Promise<void> {
    const header = encodeSegmentHeader()
    await writeAll(this.#file, header, 0)
    this.#position = header.length
    this.#claimed = header.length
  }

  /** Appends bytes of whole operations. */
  async write(bytes: Uint8Array): Promise<void> {
    const end = this.#position + bytes.length
    if (end > this.#claimed) {
      const claim = Math.ceil(end / this.#preallocateBytes) * this.#preallocateBytes
      // The room behind the operations is claimed first: a crash between the two leaves padding, never a hole.
      await writeAll(this.#file, new Uint8Array(claim - this.#claimed).fill(padding), this.#claimed)
      this.#claimed = claim
    }
    await writeAll(this.#file, bytes, this.#position)
    this.#position = end
  }

  /** Makes everything written durable. */
  async sync(): Promise<void> {
    if (!this.#file.syncsWrites) await this.#file.dataSync()
  }

  /** Cuts the claimed room off and gives the file its final name. */
  async finish(lastTxid: number): Promise<void> {
    await this.#file.truncate(this.#position)
    await this.#file.dataSync()
    await this.#file.close()
    const from = `${this.#directory}/${formatInProgressFileName(this.#firstTxid)}`
    await this.#fileSystem.rename(
      from,
      `${this.#directory}/${formatSegmentFileName(this.#firstTxid, lastTxid)}`,
    )
    await this.#fileSystem.syncDirectory(this.#directory)
  }

  /** Lets go of the file as it is, after a failure. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {
      // The journal has failed already; that its file cannot even be closed changes nothing.
    })
  }

  get firstTxid(): number {
    return this.#firstTxid
  }

  /** Bytes of operations in the segment. */
  get operationBytes(): number {
    return this.#position - segmentHeaderBytes
  }
}
