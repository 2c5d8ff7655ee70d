import { ByteWriter } from '@cairn/bytes'
import type { StorageError } from './storage-error.ts'

const batchBytesInitial = 1 << 14

/** Operations that are made durable together, and those who wait for that. */
export class EditBatch {
  /** Their bytes as they go into the segment. */
  readonly writer: ByteWriter
  readonly firstTxid: number
  /** Settles when all of them are durable, or will never be. */
  readonly done: Promise<void>
  /** One less than `firstTxid` while there is none. */
  lastTxid: number
  /** Somebody waits: it is written as soon as the one before it is. */
  wanted = false
  /** Its last operation ends the segment, and the next batch begins a new one. */
  endsSegment = false
  resolve!: () => void
  reject!: (error: StorageError) => void

  constructor(firstTxid: number, writer = new ByteWriter(batchBytesInitial)) {
    this.writer = writer
    this.firstTxid = firstTxid
    this.lastTxid = firstTxid - 1
    this.done = new Promise<void>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Nobody may be waiting for a batch when it fails; those who do have their own handlers.
    this.done.catch(() => {})
  }
}
