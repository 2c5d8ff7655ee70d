// Replicas as varints, made piece by piece: a report of a million replicas never holds the event loop for long, nor
// a list of objects. Both forms of `BlockListAsLongs`; @cairn/hdfs-protocol describes and decodes them.
import { concatBytes } from '@cairn/bytes'
import { reportBufferBytes } from '../limits.ts'

/** Four varints of at most ten bytes. */
const entryBytesMax = 40
/** −1, −1, −1 as varints. */
const delimiter = new Uint8Array(30).fill(0xff)
delimiter[9] = delimiter[19] = delimiter[29] = 1

/** Varints in pieces of 64 KiB. */
class VarintPieces {
  readonly #pieces: Uint8Array[] = []
  #piece = new Uint8Array(0)
  #at = 0

  /** Makes room for one replica. */
  begin(): void {
    if (this.#piece.length - this.#at >= entryBytesMax) return
    this.#close()
    this.#piece = new Uint8Array(reportBufferBytes)
  }

  /** A 64-bit number in signed or unsigned halves. */
  put(low: number, high: number): void {
    const piece = this.#piece
    let at = this.#at
    let lowRest = low >>> 0
    let highRest = high >>> 0
    while (highRest !== 0 || lowRest >= 0x80) {
      piece[at++] = (lowRest & 0x7f) | 0x80
      lowRest = ((lowRest >>> 7) | (highRest << 25)) >>> 0
      highRest >>>= 7
    }
    piece[at++] = lowRest
    this.#at = at
  }

  take(): Uint8Array[] {
    this.#close()
    this.#piece = new Uint8Array(0)
    return this.#pieces
  }

  #close(): void {
    if (this.#at > 0) this.#pieces.push(this.#piece.subarray(0, this.#at))
    this.#at = 0
  }
}

/** The replicas of one storage on their way into a report. */
export interface ReplicaList {
  /** Halves of 64-bit numbers are signed or unsigned. */
  add(idLow: number, idHigh: number, stampLow: number, stampHigh: number, length: number, state: number): void
  readonly count: number
}

/** The buffers form: `numberOfBlocks` is `count`. */
export class BufferReplicaList implements ReplicaList {
  readonly #pieces = new VarintPieces()
  count = 0

  add(
    idLow: number,
    idHigh: number,
    stampLow: number,
    stampHigh: number,
    length: number,
    state: number,
  ): void {
    const pieces = this.#pieces
    pieces.begin()
    const sign = idHigh >> 31
    pieces.put((idLow << 1) ^ sign, ((idHigh << 1) | (idLow >>> 31)) ^ sign)
    pieces.put(length, Math.floor(length / 2 ** 32))
    pieces.put(stampLow, stampHigh)
    pieces.put(state, 0)
    this.count++
  }

  /** For `blocksBuffers`. */
  take(): Uint8Array[] {
    return this.#pieces.take()
  }
}

/** The long[] form. */
export class LongReplicaList implements ReplicaList {
  readonly #finalized = new VarintPieces()
  readonly #others = new VarintPieces()
  #finalizedCount = 0
  #otherCount = 0

  get count(): number {
    return this.#finalizedCount + this.#otherCount
  }

  add(
    idLow: number,
    idHigh: number,
    stampLow: number,
    stampHigh: number,
    length: number,
    state: number,
  ): void {
    const pieces = state === 0 ? this.#finalized : this.#others
    pieces.begin()
    pieces.put(idLow, idHigh)
    pieces.put(length, Math.floor(length / 2 ** 32))
    pieces.put(stampLow, stampHigh)
    if (state === 0) this.#finalizedCount++
    else {
      pieces.put(state, 0)
      this.#otherCount++
    }
  }

  /** For `blocks`, the inside of a packed field, in pieces. */
  take(): Uint8Array[] {
    const counts = new VarintPieces()
    counts.begin()
    counts.put(this.#finalizedCount, 0)
    counts.put(this.#otherCount, 0)
    const head = concatBytes(counts.take())
    return [head, ...this.#finalized.take(), delimiter, ...this.#others.take()]
  }
}
