/**
 * The DataNode's half of READ_BLOCK (Java: `BlockSender`): which bytes must be read, and how they are dressed.
 * Data goes by on its own: the session makes what stands before it.
 */

import { Status } from '@cairn/hadoop-proto'
import { assertLocal } from './assert-local.ts'
import { type ChecksumFormat, checksumsBytes, encodeChecksumFormat } from './checksum-format.ts'
import type { DataTransferVersion } from './data-transfer-version.ts'
import { packetHeadOf } from './packet-head.ts'
import type { PacketHeader } from './packet-header.ts'
import { dataTransfer28 } from './version-28.ts'

/** Chunks of a reader that wants no checksums, as in Java. */
const bytesPerChecksumNull = 512

const plainHeader = { offsetInBlock: 0, seqno: 0, lastPacketInBlock: false, dataLen: 0, syncBlock: false }

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
  /** What is announced to the client; another one than the replica's where the client does not know that. */
  readonly format: ChecksumFormat
  /** The range to send, rounded outwards to whole chunks but not beyond the replica [xfer.read.2]. */
  readonly start: number
  readonly end: number
  readonly #version: DataTransferVersion
  #position: number
  #seqno = 0

  /** The caller has checked that the range lies within the replica. */
  constructor(answer: BlockReadAnswer, version: DataTransferVersion = dataTransfer28) {
    this.#version = version
    const { offset, length, replicaBytes } = answer
    assertLocal(
      offset >= 0 && length >= 0 && offset + length <= replicaBytes,
      'the range lies in the replica',
    )
    this.format = formatFor(answer, version)
    const { bytesPerChecksum } = this.format
    this.start = offset - (offset % bytesPerChecksum)
    this.end = Math.min(replicaBytes, Math.ceil((offset + length) / bytesPerChecksum) * bytesPerChecksum)
    this.#position = this.start
  }

  /** Where the next packet's data starts in the block. */
  get position(): number {
    return this.#position
  }

  /** The answer that precedes the packets [xfer.read.1]; COPY_BLOCK sends a whole replica the same way. */
  response(operation: 'READ_BLOCK' | 'COPY_BLOCK' = 'READ_BLOCK'): Uint8Array {
    return this.#version.encodeResponse(operation, {
      status: Status.SUCCESS,
      readOpChecksumInfo: { checksum: encodeChecksumFormat(this.format), chunkOffset: BigInt(this.start) },
    })
  }

  /** Bytes that `writePreamble` writes before each packet's checksums. */
  get preambleBytes(): number {
    return this.#version.packets.preambleBytes(plainHeader)
  }

  #nextHeader(dataLen: number): PacketHeader {
    const { bytesPerChecksum } = this.format
    const ends = this.#position + dataLen
    assertLocal(ends <= this.end && (dataLen % bytesPerChecksum === 0 || ends === this.end), 'whole chunks')
    const header = {
      offsetInBlock: this.#position,
      seqno: this.#seqno++,
      lastPacketInBlock: ends === this.end && (dataLen === 0 || this.#version.packets.endMark.length > 0),
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
    return packetHeadOf(this.#version.packets, this.#nextHeader(dataLen), checksums)
  }

  /**
   * As `packetHead`, for callers that read checksums and data into place: writes the preamble so that it ends at
   * `end` of `bytes`, where the checksums stand; returns where the packet starts.
   */
  writePreamble(bytes: Uint8Array, end: number, dataLen: number): number {
    const sums = checksumsBytes(this.format, dataLen)
    return this.#version.packets.writePreamble(bytes, end, this.#nextHeader(dataLen), sums)
  }

  /** What ends the block: an empty packet [xfer.read.4], before version 28 a mark [xfer17.read.2]. */
  lastPacket(): Uint8Array {
    const { packets } = this.#version
    if (packets.endMark.length > 0) return packets.endMark
    return packetHeadOf(packets, this.#nextHeader(0), new Uint8Array(0))
  }
}

/** Hadoop 1 knows no CRC32C: it is sent CRC32 of the same chunks [xfer17.checksum.2]. */
function formatFor(answer: BlockReadAnswer, version: DataTransferVersion): ChecksumFormat {
  const { format } = answer
  if (!answer.sendChecksums) return { type: 'NULL', bytesPerChecksum: bytesPerChecksumNull }
  if (version.checksumTypes.includes(format.type)) return format
  return { type: 'CRC32', bytesPerChecksum: format.bytesPerChecksum }
}
