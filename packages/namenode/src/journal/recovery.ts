/**
 * From the files of a directory to the namespace they stand for, and to a directory that the journal can go on in.
 *
 *     newest whole image ─▶ every transaction behind it, in order, none missing ─▶ the last segment closed
 *
 * A damaged image is passed over for an older one when the segments reach back to it. A torn end of the last segment
 * was never acknowledged and is cut off; a damaged transaction anywhere else was, and is refused. The last operation of
 * a segment in progress, damaged after it was durable, looks like a torn end and goes with it; a finished segment has no
 * such end, so that after an orderly end every damage is refused ([edits.recover.5]).
 * Rules: docs/protocols/edit-log.md [edits.recover.*].
 */

import { ProtocolError } from '@cairn/bytes'
import {
  type EditOp,
  EditSegmentDecoder,
  formatImageFileName,
  formatInProgressFileName,
  formatSegmentFileName,
  type SegmentEnd,
  seenTxidFileName,
} from '@cairn/hdfs-storage'
import type { Logger } from '../logger.ts'
import { findImageDamage } from './image-files.ts'
import { StorageError } from './storage-error.ts'
import { readPieces, readSmallFile, type StorageFileSystem } from './storage-file-system.ts'
import { listStorage, type SegmentFile, type StorageInventory } from './storage-inventory.ts'

/** What recovery builds the namespace with. */
export interface RecoveryTarget {
  /** Loads the image at `path` into a fresh namespace; called once. */
  loadImage(path: string, txid: number): Promise<void>
  /** Makes one change; throws where the namespace does not allow it. */
  apply(op: EditOp, txid: number): void
}

/** Options of `recoverNamespace`. */
export interface RecoveryOptions {
  readonly fileSystem: StorageFileSystem
  /** `<dir>/current`. */
  readonly directory: string
  readonly target: RecoveryTarget
  readonly logger: Logger
  /** Last transaction wanted; default all. With it nothing is repaired and no segment in progress is read. */
  readonly toTxid?: number | undefined
  /** Cuts a damaged last segment at its last valid transaction, losing what follows. Default false. */
  readonly truncateDamagedTail?: boolean | undefined
}

/** What recovery found. */
export interface Recovered {
  readonly imageTxid: number
  readonly lastTxid: number
  /** Bytes of an unfinished transaction that were cut off; 0 after an orderly end. */
  readonly tornBytes: number
}

const seenTxidBytesMax = 64

/** Recovers the namespace; throws `StorageError`. */
export async function recoverNamespace(options: RecoveryOptions): Promise<Recovered> {
  const { fileSystem, directory, target, toTxid } = options
  const inventory = await listStorage(fileSystem, directory)
  const imageTxid = await chooseImage(options, inventory)
  await target.loadImage(`${directory}/${formatImageFileName(imageTxid)}`, imageTxid)
  const replay = new Replay(options, imageTxid)
  for (const segment of inventory.segments) {
    if (toTxid !== undefined && (segment.lastTxid === undefined || segment.firstTxid > toTxid)) break
    await replay.segment(segment, segment === inventory.segments.at(-1))
  }
  await replay.checkReachesSeen()
  if (toTxid === undefined) {
    for (const name of inventory.leftovers) await fileSystem.remove(`${directory}/${name}`)
  } else if (replay.lastTxid < toTxid) {
    throw gap(directory, replay.lastTxid + 1, `no segment that reaches transaction ${toTxid}`)
  }
  return { imageTxid, lastTxid: replay.lastTxid, tornBytes: replay.tornBytes }
}

async function chooseImage(options: RecoveryOptions, inventory: StorageInventory): Promise<number> {
  const { fileSystem, directory, logger, toTxid } = options
  const damages: string[] = []
  for (const txid of inventory.images) {
    if (toTxid !== undefined && txid > toTxid) continue
    const damage = await findImageDamage(fileSystem, directory, txid)
    if (damage === undefined) return txid
    damages.push(`${formatImageFileName(txid)}: ${damage}`)
    logger.warn(
      { directory, image: formatImageFileName(txid), damage },
      'image is damaged, trying an older one',
    )
  }
  throw new StorageError(
    'ERR_NAMENODE_IMAGE',
    `load the namespace from ${directory}: found no whole image (${damages.join('; ') || 'there is none'}); restore one with its .md5 from a copy of the directory`,
  )
}

function gap(directory: string, txid: number, found: string): StorageError {
  return new StorageError(
    'ERR_NAMENODE_EDITS_GAP',
    `replay the journal in ${directory}: found ${found}, but transaction ${txid} must come next; restore the missing segment from a copy of the directory`,
  )
}

/** Replays segments in order and keeps account of what came. */
class Replay {
  readonly #options: RecoveryOptions
  lastTxid: number
  tornBytes = 0

  constructor(options: RecoveryOptions, imageTxid: number) {
    this.#options = options
    this.lastTxid = imageTxid
  }

  async segment(segment: SegmentFile, isLast: boolean): Promise<void> {
    if (segment.lastTxid !== undefined && segment.lastTxid <= this.lastTxid) return
    if (segment.firstTxid > this.lastTxid + 1) {
      throw gap(this.#options.directory, this.lastTxid + 1, segment.name)
    }
    const { end, size } = await this.#read(segment)
    if (segment.lastTxid !== undefined) {
      if (end.kind !== 'torn' && end.lastTxid === segment.lastTxid) return
      const found = end.kind === 'torn' ? end.found : 'its end'
      throw this.#corrupt(
        segment,
        end.offset,
        `${found} where transactions up to ${segment.lastTxid} must be`,
      )
    }
    if (end.kind === 'torn' && !isLast)
      throw this.#corrupt(segment, end.offset, `${end.found}, but segments follow`)
    await this.#closeSegment(segment, end, size)
  }

  /** A log that ends before its newest segment began has lost that segment. */
  async checkReachesSeen(): Promise<void> {
    const { fileSystem, directory, toTxid } = this.#options
    if (toTxid !== undefined) return
    const path = `${directory}/${seenTxidFileName}`
    const text = (await readSmallFile(fileSystem, path, seenTxidBytesMax)) ?? ''
    const seen = /^\s*(\d{1,16})\s*$/.exec(text)?.[1]
    if (seen === undefined) {
      throw new StorageError(
        'ERR_NAMENODE_EDITS_GAP',
        `read ${path}: found ${JSON.stringify(text)}; the first transaction of the newest segment must be there (write it there once no segment is missing)`,
      )
    }
    if (this.lastTxid < Number(seen)) {
      throw gap(directory, this.lastTxid + 1, `the end of the log, although ${seenTxidFileName} says ${seen}`)
    }
  }

  async #read(segment: SegmentFile): Promise<{ end: SegmentEnd; size: number }> {
    const { fileSystem, directory } = this.#options
    const path = `${directory}/${segment.name}`
    const size = (await fileSystem.size(path)) ?? 0
    const file = await fileSystem.open(path, 'read')
    const decoder = new EditSegmentDecoder({ firstTxid: segment.firstTxid })
    try {
      for await (const piece of readPieces(file, 0, size)) {
        decoder.push(piece)
        for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
          if (record.txid > this.lastTxid) this.#apply(segment, record.op, record.txid, decoder.offset)
          if (record.txid === this.#options.toTxid) {
            return { end: { kind: 'clean', offset: decoder.offset, lastTxid: segment.lastTxid }, size }
          }
        }
      }
      return { end: decoder.end(), size }
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      const mayCut = segment.lastTxid === undefined && this.#options.truncateDamagedTail === true
      if (mayCut && cause.code === 'ERR_HSTORAGE_EDITS_CORRUPT') {
        const end = {
          kind: 'torn',
          offset: decoder.offset,
          lastTxid: this.lastTxid,
          found: cause.message,
        } as const
        return { end, size }
      }
      throw this.#corrupt(segment, cause.offset ?? decoder.offset, cause.message, cause)
    } finally {
      await file.close()
    }
  }

  #apply(segment: SegmentFile, op: EditOp, txid: number, offset: number): void {
    try {
      this.#options.target.apply(op, txid)
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause)
      throw new StorageError(
        'ERR_NAMENODE_EDITS_APPLY',
        `replay transaction ${txid} (${op.op}, before offset ${offset} of ${this.#options.directory}/${segment.name}): found ${found}; the namespace before it does not allow it, so image and journal are not of one history or use a feature that is not supported`,
        cause,
      )
    }
    this.lastTxid = txid
  }

  #corrupt(segment: SegmentFile, offset: number, found: string, cause?: unknown): StorageError {
    const path = `${this.#options.directory}/${segment.name}`
    return new StorageError(
      'ERR_NAMENODE_EDITS_CORRUPT',
      `replay ${path}: found damage at offset ${offset}, after transaction ${this.lastTxid} (${found}); restore the file from a copy of the directory, or, to give up every later transaction, start once with truncateDamagedTail`,
      cause,
    )
  }

  /** Cuts what is no whole transaction and gives the segment its final name, so that nothing is appended to it ([edits.recover.7]). */
  async #closeSegment(segment: SegmentFile, end: SegmentEnd, size: number): Promise<void> {
    const { fileSystem, directory, logger } = this.#options
    const path = `${directory}/${formatInProgressFileName(segment.firstTxid)}`
    if (end.kind === 'torn') {
      this.tornBytes = size - end.offset
      const fields = { segment: segment.name, offset: end.offset, lastTxid: this.lastTxid, found: end.found }
      logger.warn({ ...fields, tornBytes: this.tornBytes }, 'journal ends in an unfinished write, cut off')
    }
    if (end.lastTxid === undefined || end.lastTxid < segment.firstTxid) {
      await fileSystem.remove(path)
    } else {
      const file = await fileSystem.open(path, 'update')
      try {
        await file.truncate(end.offset)
        await file.dataSync()
      } finally {
        await file.close()
      }
      await fileSystem.rename(path, `${directory}/${formatSegmentFileName(segment.firstTxid, end.lastTxid)}`)
    }
    await fileSystem.syncDirectory(directory)
  }
}
