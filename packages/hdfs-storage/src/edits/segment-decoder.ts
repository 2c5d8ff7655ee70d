/**
 * A segment of the edit log (`EditLogFileInputStream`), in any split of its bytes:
 *
 *     | layout version i32 | count of flags i32 = 0 | START | op … | END | padding 0xFF (or 0x00) … |
 *
 * That is [edits.segment.1]. Transaction ids rise by exactly one ([edits.segment.2]). How a log may end decides between a crash and damage
 * ([edits.recover.3] and [edits.recover.4]):
 *
 *     clean      at an operation's boundary
 *     padded     0xFF, then only 0xFF and 0x00: room that was claimed ahead
 *     torn       an incomplete or wrong operation, and after it nothing that is a valid later operation:
 *                the write that a crash cut short. Never acknowledged, so it is dropped.
 *     (throws)   a wrong operation with a valid later one behind it: damage in the middle. Refused, because what is
 *                lost was acknowledged.
 */
import { ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import {
  checkFrame,
  decodeFrame,
  type EditFrame,
  type EditRecord,
  editFrameBytesMin,
  type FrameFault,
  opInvalid,
} from './frame.ts'

/** Layout version of the NameNode formats that this package reads and writes (`NameNodeLayoutVersion`). */
export const nameNodeLayoutVersion = -67

/** Oldest NameNode layout whose operations have the same fields as -67 (snapshot times and erasure coding came with -64 and -67). */
export const editLayoutVersionsReadable: readonly number[] = [-67]

/** Bytes before the first operation. */
export const segmentHeaderBytes = 8

/** The first bytes of every segment: layout version and no layout flags ([edits.segment.1]). */
export function encodeSegmentHeader(): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes)
  new DataView(bytes.buffer).setInt32(0, nameNodeLayoutVersion)
  return bytes
}

/** How a segment ended; `offset` is where its last valid operation ended. */
export type SegmentEnd =
  | { readonly kind: 'clean' | 'padded'; readonly offset: number; readonly lastTxid: number | undefined }
  | {
      readonly kind: 'torn'
      readonly offset: number
      readonly lastTxid: number | undefined
      readonly found: string
    }

/** Options of `EditSegmentDecoder`. */
export interface EditSegmentDecoderOptions {
  /** Transaction id that the first operation must have. Default: whatever comes. */
  firstTxid?: number | undefined
}

/**
 * Decodes a segment: `push` bytes, take records with `next` until it answers undefined, `push` again; after the last
 * bytes, `end` says how the segment ended. Everything thrown is a `ProtocolError` whose offset counts from the start
 * of the file.
 */
export class EditSegmentDecoder {
  readonly #buffer = new ReceiveBuffer({ initialBytes: 1 << 14, maxBytes: Number.MAX_SAFE_INTEGER })
  #offset = 0
  #headerSeen = false
  #nextTxid: number | undefined
  #lastTxid: number | undefined
  #padded = false
  #fault: FrameFault | undefined

  constructor(options: EditSegmentDecoderOptions = {}) {
    this.#nextTxid = options.firstTxid
  }

  /** File offset behind the last operation that `next` returned. */
  get offset(): number {
    return this.#offset
  }

  /** Adds the next bytes of the file. */
  push(chunk: Uint8Array): void {
    this.#buffer.push(chunk)
  }

  /** The next operation, or undefined when more bytes are needed or the operations are over. */
  next(): EditRecord | undefined {
    if (this.#padded) this.#checkPadding()
    if (this.#padded || this.#fault?.fault === 'bad' || !this.#readHeader()) return undefined
    const bytes = this.#buffer.view()
    if (bytes.length === 0) return undefined
    if (bytes[0] === opInvalid) {
      this.#padded = true
      this.#checkPadding()
      return undefined
    }
    const frame = checkFrame(bytes, 0)
    if ('fault' in frame) {
      this.#fault = frame
      return undefined
    }
    this.#fault = undefined
    this.#checkTxid(frame)
    const record = this.#decode(bytes, frame)
    this.#buffer.consume(frame.end)
    this.#offset += frame.end
    this.#lastTxid = frame.txid
    this.#nextTxid = frame.txid + 1
    return record
  }

  /** Says how the segment ended, after all its bytes were pushed and `next` answered undefined. */
  end(): SegmentEnd {
    const lastTxid = this.#lastTxid
    const offset = this.#offset
    if (this.#padded) return { kind: 'padded', offset, lastTxid }
    if (!this.#headerSeen) return { kind: 'torn', offset: 0, lastTxid, found: 'no whole header' }
    if (this.#buffer.length === 0) return { kind: 'clean', offset, lastTxid }
    const found = this.#fault?.found ?? `${this.#buffer.length} undecoded bytes`
    const later = this.#findLaterOperation()
    if (later !== undefined) {
      throw new ProtocolError(
        'ERR_HSTORAGE_EDITS_CORRUPT',
        `decode transaction ${this.#nextTxid ?? 'first'} at offset ${offset}: found ${found}, and the valid transaction ` +
          `${later.txid} behind it at offset ${offset + later.start}; only the end of a log may be incomplete`,
        { offset },
      )
    }
    return { kind: 'torn', offset, lastTxid, found }
  }

  #readHeader(): boolean {
    if (this.#headerSeen) return true
    if (this.#buffer.length < segmentHeaderBytes) return false
    if (this.#isUnwritten()) return false
    const layoutVersion = this.#buffer.i32be(0)
    const flags = this.#buffer.i32be(4)
    if (!editLayoutVersionsReadable.includes(layoutVersion)) {
      throw new ProtocolError(
        'ERR_HSTORAGE_LAYOUT_VERSION',
        `decode an edit log: found layout version ${layoutVersion}; ${editLayoutVersionsReadable.join(', ')} can be read`,
        { offset: 0 },
      )
    }
    if (flags !== 0) {
      throw new ProtocolError(
        'ERR_HSTORAGE_LAYOUT_FLAGS',
        `decode an edit log: found ${flags} layout flags; 0 are known`,
        {
          offset: 4,
        },
      )
    }
    this.#buffer.consume(segmentHeaderBytes)
    this.#offset = segmentHeaderBytes
    this.#headerSeen = true
    return true
  }

  /** Room was claimed, and the process ended before it wrote the header: nothing but 0xFF or 0x00 to the very end. */
  #isUnwritten(): boolean {
    const bytes = this.#buffer.view()
    const first = bytes[0]!
    return (first === opInvalid || first === 0) && bytes.every((byte) => byte === first)
  }

  #checkTxid(frame: EditFrame): void {
    if (this.#nextTxid !== undefined && frame.txid !== this.#nextTxid) {
      throw new ProtocolError(
        'ERR_HSTORAGE_EDITS_SEQUENCE',
        `decode an edit log at offset ${this.#offset}: found transaction ${frame.txid}; ${this.#nextTxid} must follow`,
        { offset: this.#offset },
      )
    }
  }

  #decode(bytes: Uint8Array, frame: EditFrame): EditRecord {
    try {
      return decodeFrame(bytes, frame)
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      throw new ProtocolError(
        'ERR_HSTORAGE_EDITS_CORRUPT',
        `decode transaction ${frame.txid} at offset ${this.#offset}: found a body that its checksum confirms but that cannot be decoded (${cause.message})`,
        { offset: this.#offset, cause },
      )
    }
  }

  /** Claimed room holds nothing else; a stray 0xFF in front of operations must not hide them. */
  #checkPadding(): void {
    const bytes = this.#buffer.view()
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte !== 0 && byte !== opInvalid) {
        throw new ProtocolError(
          'ERR_HSTORAGE_EDITS_CORRUPT',
          `decode the padding at offset ${this.#offset}: found byte ${byte} at offset ${this.#offset + at}; 0x00 and 0xFF are allowed`,
          { offset: this.#offset + at },
        )
      }
    }
    this.#buffer.consume(bytes.length)
  }

  /** A valid frame with a later transaction id anywhere behind a fault. Lengths of damaged frames are not trusted. */
  #findLaterOperation(): EditFrame | undefined {
    const bytes = this.#buffer.view()
    const least = this.#nextTxid ?? 1
    for (let at = 1; at + editFrameBytesMin <= bytes.length; at++) {
      const frame = checkFrame(bytes, at)
      if (!('fault' in frame) && frame.txid >= least) return frame
    }
    return undefined
  }
}
