/**
 * The journal on disk: edit-log segments in Java's format, with group commit.
 *
 * Appended operations go into the open batch. One batch at a time is written and synced; what arrives meanwhile is
 * the next batch. So a lone writer waits for one sync, and 256 writers share one.
 *
 *     append ─▶ open batch ─┐ (writer is idle, or done with the batch before)
 *                           ▼
 *                write ─▶ fdatasync ─▶ all that wait for the batch go on
 *
 * `roll` seals the open batch behind an END operation; the next one begins with START in a new file. After the first
 * failed write or sync the journal is dead: which bytes are on disk is unknown then, so a later success would prove
 * nothing (docs/protocols/edit-log.md [edits.sync.3]).
 */
import type { ByteWriter } from '@cairn/bytes'
import { type EditOp, seenTxidFileName, writeEditOp } from '@cairn/hdfs-storage'
import { EditBatch } from './edit-batch.ts'
import type { Journal } from './journal.ts'
import { SegmentWriter } from './segment-writer.ts'
import { StorageError } from './storage-error.ts'
import { replaceSmallFile, type StorageFileSystem } from './storage-file-system.ts'

/** Options of `FileJournal.open`. */
export interface FileJournalOptions {
  readonly fileSystem: StorageFileSystem
  /** `<dir>/current`. */
  readonly directory: string
  /** Last transaction that recovery found. */
  readonly lastTxid: number
  /** Transaction of the newest image. */
  readonly imageTxid: number
  /**
   * Writes an image of everything up to a transaction that is in finished segments; gives up when the signal says that
   * the journal closes.
   */
  readonly writeCheckpoint: (txid: number, signal: AbortSignal) => Promise<void>
  /** Transactions since the last image after which one is written by itself. Default 1,000,000. */
  readonly checkpointTransactions?: number | undefined
  /** Room claimed ahead in a segment. Default 1 MiB, as in Java. */
  readonly preallocateBytes?: number | undefined
  /** Called once, when the journal fails; the NameNode stops then. */
  readonly onFailure?: ((error: StorageError) => void) | undefined
  /** Called when an image that was due by itself could not be written; the journal goes on. */
  readonly onCheckpointFailure?: ((error: unknown) => void) | undefined
}

const defaultCheckpointTransactions = 1_000_000
const defaultPreallocateBytes = 1024 * 1024
/** A buffer that one huge batch has blown up beyond this is not kept for the next. */
const batchBytesKept = 1 << 22
const settled = Promise.resolve()

/** A `Journal` whose changes survive the process. */
export class FileJournal implements Journal {
  readonly #options: FileJournalOptions
  readonly #checkpointTransactions: number
  readonly #sealed: EditBatch[] = []
  #open: EditBatch
  #spareWriter: ByteWriter | undefined
  #inFlight: EditBatch | undefined
  #segment: SegmentWriter | undefined
  #lastTxid: number
  #syncedTxid: number
  /** Transaction from which on an image is written by itself. */
  #checkpointDueTxid: number
  readonly #closed = new AbortController()
  #failure: StorageError | undefined
  #writing: Promise<void> | undefined
  #checkpoint: Promise<void> | undefined
  #closing: Promise<void> | undefined

  private constructor(options: FileJournalOptions) {
    this.#options = options
    this.#checkpointTransactions = options.checkpointTransactions ?? defaultCheckpointTransactions
    this.#lastTxid = options.lastTxid
    this.#syncedTxid = options.lastTxid
    this.#checkpointDueTxid = options.imageTxid + this.#checkpointTransactions
    this.#open = this.#startSegment()
  }

  /** Starts a new segment behind what recovery found, and makes it durable. */
  static async open(options: FileJournalOptions): Promise<FileJournal> {
    const journal = new FileJournal(options)
    await journal.sync()
    return journal
  }

  get lastTxId(): bigint {
    return BigInt(this.#lastTxid)
  }

  get syncedTxId(): bigint {
    return BigInt(this.#syncedTxid)
  }

  append(op: EditOp): bigint {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closing !== undefined) {
      throw new StorageError('ERR_NAMENODE_JOURNAL_CLOSED', `journal ${op.op}: found the journal closed`)
    }
    return BigInt(this.#append(this.#open, op))
  }

  sync(txid?: bigint): Promise<void> {
    const wanted = txid === undefined ? this.#lastTxid : Number(txid)
    if (wanted <= this.#syncedTxid) return settled
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const batch = this.#batchOf(wanted)
    this.#want(batch)
    return batch.done
  }

  roll(): Promise<bigint> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#closing !== undefined) {
      return Promise.reject(
        new StorageError('ERR_NAMENODE_JOURNAL_CLOSED', 'roll the journal: found it closed'),
      )
    }
    const { next } = this.#seal()
    this.#want(next)
    return next.done.then(() => BigInt(next.firstTxid))
  }

  checkpoint(): Promise<void> {
    this.#checkpoint ??= this.#writeCheckpoint().finally(() => {
      this.#checkpoint = undefined
    })
    return this.#checkpoint
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #append(batch: EditBatch, op: EditOp): number {
    const start = batch.writer.length
    const txid = this.#lastTxid + 1
    try {
      writeEditOp(batch.writer, txid, op)
    } catch (error) {
      batch.writer.truncate(start)
      throw error
    }
    this.#lastTxid = txid
    batch.lastTxid = txid
    return txid
  }

  #startSegment(): EditBatch {
    const batch = new EditBatch(this.#lastTxid + 1)
    this.#append(batch, { op: 'OP_START_LOG_SEGMENT' })
    return batch
  }

  /** Ends the open batch and with it the segment. */
  #seal(): { last: EditBatch; next: EditBatch } {
    const last = this.#open
    this.#append(last, { op: 'OP_END_LOG_SEGMENT' })
    last.endsSegment = true
    last.wanted = true
    this.#sealed.push(last)
    this.#open = this.#startSegment()
    return { last, next: this.#open }
  }

  #batchOf(txid: number): EditBatch {
    if (this.#inFlight !== undefined && txid <= this.#inFlight.lastTxid) return this.#inFlight
    return this.#sealed.find((batch) => txid <= batch.lastTxid) ?? this.#open
  }

  /** Starts the writer at the end of this turn, so that all calls of one turn share its first batch. */
  #want(batch: EditBatch): void {
    batch.wanted = true
    this.#writing ??= settled.then(() => this.#writeBatches())
  }

  async #writeBatches(): Promise<void> {
    try {
      for (let batch = this.#takeBatch(); batch !== undefined; batch = this.#takeBatch()) {
        this.#inFlight = batch
        await this.#writeBatch(batch)
        this.#inFlight = undefined
        this.#syncedTxid = batch.lastTxid
        batch.resolve()
        this.#keepWriter(batch.writer)
        this.#checkpointWhenDue()
      }
      this.#writing = undefined
    } catch (cause) {
      this.#fail(cause)
    }
  }

  #keepWriter(writer: ByteWriter): void {
    if (writer.length > batchBytesKept) return
    writer.clear()
    this.#spareWriter = writer
  }

  #takeBatch(): EditBatch | undefined {
    const sealed = this.#sealed.shift()
    if (sealed !== undefined) return sealed
    const batch = this.#open
    if (!batch.wanted) return undefined
    this.#open = new EditBatch(batch.lastTxid + 1, this.#spareWriter)
    this.#spareWriter = undefined
    return batch
  }

  async #writeBatch(batch: EditBatch): Promise<void> {
    const { fileSystem, directory } = this.#options
    const created = this.#segment === undefined
    const segment = this.#segment ?? (await this.#createSegment(batch.firstTxid))
    this.#segment = segment
    if (batch.writer.length > 0) await segment.write(batch.writer.view())
    await segment.sync()
    if (created) {
      // Before anybody hears of it: a segment whose name a power cut loses would take acknowledged changes with it, and
      // without seen_txid its loss would not be noticed [edits.sync.2].
      await fileSystem.syncDirectory(directory)
      await replaceSmallFile(fileSystem, directory, seenTxidFileName, `${batch.firstTxid}\n`)
    }
    if (batch.endsSegment) {
      this.#segment = undefined
      await segment.finish(batch.lastTxid)
    }
  }

  #createSegment(firstTxid: number): Promise<SegmentWriter> {
    const { fileSystem, directory, preallocateBytes = defaultPreallocateBytes } = this.#options
    return SegmentWriter.create({ fileSystem, directory, firstTxid, preallocateBytes })
  }

  #fail(cause: unknown): void {
    const found = cause instanceof Error ? cause.message : String(cause)
    const failure = new StorageError(
      'ERR_NAMENODE_JOURNAL_FAILED',
      `write the journal in ${this.#options.directory}: found ${found}; changes after transaction ${this.#syncedTxid} are not durable and the NameNode must stop`,
      cause,
    )
    this.#failure = failure
    this.#inFlight?.reject(failure)
    for (const batch of this.#sealed) batch.reject(failure)
    this.#open.reject(failure)
    void this.#segment?.abandon()
    this.#options.onFailure?.(failure)
  }

  #checkpointWhenDue(): void {
    if (this.#checkpoint !== undefined || this.#closing !== undefined) return
    if (this.#syncedTxid < this.#checkpointDueTxid) return
    this.checkpoint().catch((error: unknown) => {
      if (!this.#closed.signal.aborted) this.#options.onCheckpointFailure?.(error)
    })
  }

  async #writeCheckpoint(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const { last, next } = this.#seal()
    // Set before the outcome is known: an image that cannot be written is not tried again with every change.
    this.#checkpointDueTxid = last.lastTxid + this.#checkpointTransactions
    this.#want(next)
    await next.done
    await this.#options.writeCheckpoint(last.lastTxid, this.#closed.signal)
  }

  async #close(): Promise<void> {
    this.#closed.abort()
    await this.#checkpoint?.catch(() => {
      // Whoever asked for the image has the error; closing goes on.
    })
    if (this.#failure !== undefined) return
    const last = this.#open
    this.#append(last, { op: 'OP_END_LOG_SEGMENT' })
    last.endsSegment = true
    this.#want(last)
    await last.done
    await this.#writing
  }
}
