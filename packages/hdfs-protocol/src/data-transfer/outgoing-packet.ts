import type { ChecksumKernel } from '@cairn/checksum'
import { type ChecksumFormat, checksumsBytes } from './checksum-format.ts'
import type { PacketForm } from './data-transfer-version.ts'
import type { PacketHeader } from './packet-header.ts'

/**
 * A packet that is being filled, then sent, then kept until it is acknowledged, in one piece of memory:
 *
 *     | room | preamble | checksums | data .... | end mark | free |
 *            ^ sealed frame starts  ^ dataStart
 *
 * Data always starts at the same place; what stands before it is written backwards from there when the packet is
 * sealed, so nothing moves.
 */
export class OutgoingPacket {
  readonly seqno: number
  readonly offsetInBlock: number
  readonly #bytes: Uint8Array
  readonly #dataStart: number
  /** Most bytes of data that this packet takes. */
  readonly dataBytesMax: number
  #dataLen = 0
  #frameStart = -1
  #frameEnd = -1
  #last = false

  constructor(
    bytes: Uint8Array,
    dataStart: number,
    seqno: number,
    offsetInBlock: number,
    dataBytesMax: number,
  ) {
    this.#bytes = bytes
    this.#dataStart = dataStart
    this.seqno = seqno
    this.offsetInBlock = offsetInBlock
    this.dataBytesMax = dataBytesMax
  }

  get dataLen(): number {
    return this.#dataLen
  }
  get full(): boolean {
    return this.#dataLen === this.dataBytesMax
  }
  /** Where the data ends in the block. */
  get end(): number {
    return this.offsetInBlock + this.#dataLen
  }
  /** The empty packet that ends the block. */
  get lastPacketInBlock(): boolean {
    return this.#last
  }
  /** The memory, to be used again when the packet is acknowledged. */
  get memory(): Uint8Array {
    return this.#bytes
  }
  /** The data, as a view. */
  get data(): Uint8Array {
    return this.#bytes.subarray(this.#dataStart, this.#dataStart + this.#dataLen)
  }
  /** The whole packet as it is sent; only once sealed. */
  get frame(): Uint8Array {
    return this.#bytes.subarray(this.#frameStart, this.#frameEnd)
  }

  /** Copies as much of `bytes` from `from` on as there is room for; returns how much. */
  append(bytes: Uint8Array, from: number): number {
    const count = Math.min(this.dataBytesMax - this.#dataLen, bytes.length - from)
    const part = count === bytes.length ? bytes : bytes.subarray(from, from + count)
    this.#bytes.set(part, this.#dataStart + this.#dataLen)
    this.#dataLen += count
    return count
  }

  /** Computes all checksums in one call and writes the header; the end mark, if there is one, goes with the last packet. */
  seal(
    form: PacketForm,
    kernel: ChecksumKernel,
    format: ChecksumFormat,
    flags: { readonly syncBlock: boolean; readonly lastPacketInBlock: boolean },
  ): void {
    const sums = checksumsBytes(format, this.#dataLen)
    const sumsStart = this.#dataStart - sums
    if (sums > 0) kernel.compute(format.type, this.data, format.bytesPerChecksum, this.#bytes, sumsStart)
    const header: PacketHeader = {
      offsetInBlock: this.offsetInBlock,
      seqno: this.seqno,
      lastPacketInBlock: flags.lastPacketInBlock,
      dataLen: this.#dataLen,
      syncBlock: flags.syncBlock,
    }
    this.#last = flags.lastPacketInBlock
    this.#frameStart = form.writePreamble(this.#bytes, sumsStart, header, sums)
    this.#frameEnd = this.#dataStart + this.#dataLen
    if (flags.lastPacketInBlock && form.endMark.length > 0) {
      this.#bytes.set(form.endMark, this.#frameEnd)
      this.#frameEnd += form.endMark.length
    }
  }
}

/** Where data starts in the memory of packets that hold up to `dataBytesMax` bytes. */
export function outgoingDataStart(form: PacketForm, format: ChecksumFormat, dataBytesMax: number): number {
  return form.preambleBytesMax + checksumsBytes(format, dataBytesMax)
}
