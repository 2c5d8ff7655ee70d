import {
  encodeSegmentHeader,
  formatInProgressFileName,
  formatSegmentFileName,
  segmentHeaderBytes,
} from '@cairn/hdfs-storage'
import { type StorageFile, type StorageFileSystem, writeAll } from './storage-file-system.ts'

/** Room is claimed ahead in steps of this, as Java does, so that most syncs need not change the file's length. */
const preallocateBytes = 1024 * 1024
/** `OP_INVALID`: how claimed room looks. */
const padding = 0xff

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
  #position = 0
  #claimed = 0

  private constructor(
    fileSystem: StorageFileSystem,
    directory: string,
    firstTxid: number,
    file: StorageFile,
  ) {
    this.#fileSystem = fileSystem
    this.#directory = directory
    this.#firstTxid = firstTxid
    this.#file = file
  }

  /** Creates the file with its header. Not durable before `sync` and a sync of the directory. */
  static async create(
    fileSystem: StorageFileSystem,
    directory: string,
    firstTxid: number,
  ): Promise<SegmentWriter> {
    const path = `${directory}/${formatInProgressFileName(firstTxid)}`
    const file = await fileSystem.open(path, 'create-synced')
    const writer = new SegmentWriter(fileSystem, directory, firstTxid, file)
    try {
      await writer.write(encodeSegmentHeader())
    } catch (error) {
      await writer.abandon()
      throw error
    }
    return writer
  }

  /** Appends bytes of whole operations. */
  async write(bytes: Uint8Array): Promise<void> {
    const end = this.#position + bytes.length
    if (end > this.#claimed) {
      const claim = Math.ceil(end / preallocateBytes) * preallocateBytes
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
