/**
 * The DataNode's half of READ_BLOCK (Java: `BlockSender`): which bytes must be read, and how they are dressed.
 * Data goes by on its own: the session makes what stands before it.
 */

import { Status } from '@cairn/hadoop-proto'
import { assertLocal } from './assert-local.ts'
import { type ChecksumFormat, checksumsBytes, encodeChecksumFormat } from './checksum-format.ts'
import { encodePacketHead, writePacketPreamble } from './packet.ts'
import type { PacketHeader } from './packet-header.ts'
import { encodeBlockOpResponse } from './response.ts'

/** Chunks of a reader that wants no checksums, as in Java. */
const bytesPerChecksumNull = 512

export interface BlockReadAnswer {
  /** First byte the client wants, within the replica. */
  readonly offset: number
  /** Bytes the client wants. */
  readonly length: number
  /** How long the replica is, as far as readers may see. */
  readonly replicaBytes: number
  /** The replica's checksums. */
  readonly format: ChecksumFormat
  /** False = the client asked for none: NULL is announced. */
  readonly sendChecksums: boolean
}

export class BlockReadServerSession {
  /** What is announced to the client. */
  readonly format: ChecksumFormat
  /** The range to send, rounded outwards to whole chunks but not beyond the replica [xfer.read.2]. */
  readonly start: number
  readonly end: number
  #position: number
  #seqno = 0

  /** The caller has checked that the range lies within the replica. */
  constructor(answer: BlockReadAnswer) {
    const { offset, length, replicaBytes } = answer
    assertLocal(
      offset >= 0 && length >= 0 && offset + length <= replicaBytes,
      'the range lies in the replica',
    )
    this.format = answer.sendChecksums
      ? answer.format
      : { type: 'NULL', bytesPerChecksum: bytesPerChecksumNull }
    const { bytesPerChecksum } = this.format
    this.start = offset - (offset % bytesPerChecksum)
    this.end = Math.min(replicaBytes, Math.ceil((offset + length) / bytesPerChecksum) * bytesPerChecksum)
    this.#position = this.start
  }

  /** Where the next packet's data starts in the block. */
  get position(): number {
    return this.#position
  }

  /** The answer that precedes the packets [xfer.read.1]. */
  response(): Uint8Array {
    return encodeBlockOpResponse({
      status: Status.SUCCESS,
      readOpChecksumInfo: { checksum: encodeChecksumFormat(this.format), chunkOffset: BigInt(this.start) },
    })
  }

  #nextHeader(dataLen: number): PacketHeader {
    const { bytesPerChecksum } = this.format
    const ends = this.#position + dataLen
    assertLocal(ends <= this.end && (dataLen % bytesPerChecksum === 0 || ends === this.end), 'whole chunks')
    const header = {
      offsetInBlock: this.#position,
      seqno: this.#seqno++,
      lastPacketInBlock: dataLen === 0,
      dataLen,
      syncBlock: false,
    }
    this.#position = ends
    return header
  }

  /**
   * What stands before the next `dataLen` (more than 0) bytes of data, checksums included. Packets hold whole chunks;
   * only the last one may end with the replica inside a chunk.
   */
  packetHead(dataLen: number, checksums: Uint8Array): Uint8Array {
    assertLocal(
      dataLen > 0 && checksums.length === checksumsBytes(this.format, dataLen),
      'a checksum a chunk',
    )
    return encodePacketHead(this.#nextHeader(dataLen), checksums)
  }

  /**
   * As `packetHead`, for callers that read checksums and data into place: writes the preamble so that it ends at
   * `end` of `bytes`, where the checksums stand; returns where the packet starts.
   */
  writePreamble(bytes: Uint8Array, end: number, dataLen: number): number {
    return writePacketPreamble(bytes, end, this.#nextHeader(dataLen), checksumsBytes(this.format, dataLen))
  }

  /** The empty packet that ends the block [xfer.read.4]. */
  lastPacket(): Uint8Array {
    return encodePacketHead(this.#nextHeader(0), new Uint8Array(0))
  }
}
