/**
 * The client's half of READ_BLOCK (Java: `BlockReaderRemote`).
 *
 *     we                                       DataNode
 *     READ_BLOCK(offset, length)       ->
 *                                      <-      answer: checksum format, chunkOffset <= offset
 *                                      <-      packets from chunkOffset on, whole chunks
 *                                      <-      an empty last packet
 *     read status                      ->
 *
 * Before version 28 the last packet has data, and a mark ends the block.
 *
 *     response --success--> packets --all bytes--> trailer --last packet--> finished
 *        '-----refused--------------------------------------------------------^
 *
 * The session pulls: bytes land in `input`, `next()` says what they mean. Data goes by as views of `input`.
 */
import { ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import type { ChecksumKernel } from '@cairn/checksum'
import {
  type BlockOpResponseProto,
  type CachingStrategyProto,
  type ExtendedBlockProto,
  Status,
  type TokenProto,
} from '@cairn/hadoop-proto'
import { ChecksumError } from './checksum-error.ts'
import { type ChecksumFormat, decodeChecksumFormat } from './checksum-format.ts'
import type { DataTransferVersion, PacketForm } from './data-transfer-version.ts'
import { packetBytesMax, packetHeaderBytesMax } from './limits.ts'
import { checkChecksumsLength, type Packet } from './packet.ts'
import { type Refusal, refusalOf } from './response.ts'
import { dataTransfer28 } from './version-28.ts'

/** What to read, and how. */
export interface BlockReadRequest {
  readonly block: ExtendedBlockProto
  readonly token: TokenProto
  readonly clientName: string
  /** First byte wanted. */
  readonly offset: number
  /** Bytes wanted; offset + length must not go beyond the replica. */
  readonly length: number
  /** Ask for checksums at all. Default true. */
  readonly sendChecksums?: boolean | undefined
  readonly cachingStrategy?: CachingStrategyProto | undefined
}

/** What `next()` found. Views are valid until `input` is read into again. */
export type BlockReadEvent =
  | { readonly kind: 'started'; readonly checksum: ChecksumFormat }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'data'; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'finished'; readonly status: number }

type State = 'response' | 'packets' | 'trailer' | 'finished' | 'refused'

/** Receive buffers of readers hold one packet of the largest size and what one read adds. */
export const blockReadBufferBytesMax = packetBytesMax + packetHeaderBytesMax + 4 * 1024 * 1024

export class BlockReadClientSession {
  readonly input: ReceiveBuffer
  readonly #request: BlockReadRequest
  readonly #end: number
  readonly #kernel: ChecksumKernel | undefined
  readonly #version: DataTransferVersion
  readonly #packets: PacketForm
  /** A mark ends the block; otherwise an empty packet does. */
  readonly #marksEnd: boolean
  #state: State = 'response'
  #format: ChecksumFormat = { type: 'NULL', bytesPerChecksum: 1 }
  /** Where the next packet must start. */
  #position = 0
  #seqno = 0
  #output: Uint8Array | undefined

  /** Without a kernel checksums are not verified. `input` may be the connection's own, empty. */
  constructor(
    request: BlockReadRequest,
    kernel: ChecksumKernel | undefined,
    input?: ReceiveBuffer,
    version: DataTransferVersion = dataTransfer28,
  ) {
    this.#version = version
    this.#packets = version.packets
    this.#marksEnd = version.packets.endMark.length > 0
    this.input = input ?? new ReceiveBuffer({ maxBytes: blockReadBufferBytesMax })
    this.#request = request
    this.#end = request.offset + request.length
    this.#kernel = kernel
    this.#output = version.encodeOperation('READ_BLOCK', {
      header: {
        baseHeader: { block: request.block, token: request.token },
        clientName: request.clientName,
      },
      offset: BigInt(request.offset),
      len: BigInt(request.length),
      sendChecksums: request.sendChecksums ?? true,
      cachingStrategy: request.cachingStrategy ?? {},
    })
  }

  /** True when everything was received. */
  get finished(): boolean {
    return this.#state === 'finished'
  }

  /** True when the connection can take another operation now. */
  get keepsConnection(): boolean {
    return this.#state === 'finished' && this.#version.keepsConnections
  }

  /** True when all data was delivered and only the end of the block is still due. */
  get atEnd(): boolean {
    return this.#state === 'trailer'
  }

  /** Bytes to send: at first the operation, at the end the read status. Undefined when there are none. */
  takeOutput(): Uint8Array | undefined {
    const output = this.#output
    this.#output = undefined
    return output
  }

  /** The next event in `input`; undefined when more bytes are needed or all is said. Throws `ProtocolError` only. */
  next(): BlockReadEvent | undefined {
    if (this.#state === 'response') return this.#nextResponse()
    while (this.#state === 'packets' || this.#state === 'trailer') {
      if (this.#marksEnd && this.#packets.takeEndMark(this.input)) return this.#ended()
      const packet = this.#packets.take(this.input)
      if (packet === undefined) return undefined
      const event = this.#state === 'trailer' ? this.#lastPacket(packet) : this.#dataPacket(packet)
      if (event !== undefined) return event
    }
    return undefined
  }

  #nextResponse(): BlockReadEvent | undefined {
    const response = this.#version.takeResponse('READ_BLOCK', this.input)
    if (response === undefined) return undefined
    const refusal = refusalOf(response)
    if (refusal !== undefined) {
      this.#state = 'refused'
      return { kind: 'refused', refusal }
    }
    this.#acceptResponse(response)
    return { kind: 'started', checksum: this.#format }
  }

  /** [xfer.read.1] [xfer.read.2] */
  #acceptResponse(response: BlockOpResponseProto): void {
    const info = response.readOpChecksumInfo
    if (info === undefined) {
      throw new ProtocolError(
        'ERR_XFER_READ_RESPONSE',
        'read an answer to READ_BLOCK: found no readOpChecksumInfo',
        { path: 'BlockOpResponseProto.readOpChecksumInfo' },
      )
    }
    this.#format = decodeChecksumFormat(info.checksum)
    const { bytesPerChecksum } = this.#format
    const chunkOffset = Number(info.chunkOffset)
    const { offset, length } = this.#request
    if (
      chunkOffset > offset ||
      chunkOffset <= offset - bytesPerChecksum ||
      chunkOffset % bytesPerChecksum !== 0
    ) {
      throw new ProtocolError(
        'ERR_XFER_READ_CHUNK_OFFSET',
        `read an answer to READ_BLOCK: found chunkOffset ${info.chunkOffset}; the chunk of ${bytesPerChecksum} bytes around ${offset} was asked for`,
        { path: 'ReadOpChecksumInfoProto.chunkOffset' },
      )
    }
    this.#position = chunkOffset
    this.#state = length === 0 ? 'trailer' : 'packets'
  }

  #dataPacket(packet: Packet): BlockReadEvent | undefined {
    const { header, data, checksums } = packet
    this.#checkOrder(packet)
    const tooEarly =
      header.lastPacketInBlock && !(this.#marksEnd && this.#position + data.length >= this.#end)
    if (tooEarly || data.length === 0) throw this.#short()
    checkChecksumsLength(packet, this.#format)
    if (this.#kernel !== undefined) {
      const bad = this.#kernel.verify(this.#format.type, data, this.#format.bytesPerChecksum, checksums)
      if (bad >= 0) {
        const badOffset = header.offsetInBlock + bad * this.#format.bytesPerChecksum
        throw new ChecksumError(`read block ${this.#request.block.blockId}`, badOffset)
      }
    }
    const from = Math.max(this.#position, this.#request.offset)
    const to = Math.min(this.#position + data.length, this.#end)
    const dataOffset = this.#position
    this.#position += data.length
    if (this.#position >= this.#end) this.#state = 'trailer'
    if (from >= to) return undefined
    return { kind: 'data', offset: from, data: data.subarray(from - dataOffset, to - dataOffset) }
  }

  /** Packets follow each other without a gap, each on a chunk's border [xfer.read.3]. */
  #checkOrder({ header }: Packet): void {
    const aligned = this.#position % this.#format.bytesPerChecksum === 0 || header.lastPacketInBlock
    if (header.seqno === this.#seqno && header.offsetInBlock === this.#position && aligned) {
      this.#seqno++
      return
    }
    throw new ProtocolError(
      'ERR_XFER_READ_ORDER',
      `read a packet: found seqno ${header.seqno} at block offset ${header.offsetInBlock}; seqno ${this.#seqno} at ${this.#position} is due${aligned ? '' : ', on the border of a chunk'}`,
      { offset: this.#position },
    )
  }

  /** [xfer.read.4] [xfer.read.5] */
  #lastPacket({ header, data }: Packet): BlockReadEvent {
    if (!header.lastPacketInBlock || data.length > 0 || header.seqno !== this.#seqno) {
      throw new ProtocolError(
        'ERR_XFER_READ_TRAILER',
        `read the end of a block: found a packet with seqno ${header.seqno} and ${data.length} bytes; the empty last packet with seqno ${this.#seqno} is due`,
        { offset: this.#position },
      )
    }
    return this.#finish()
  }

  /** The mark that ends a block is here [xfer17.read.2]. */
  #ended(): BlockReadEvent {
    if (this.#state !== 'trailer') throw this.#short()
    return this.#finish()
  }

  #short(): ProtocolError {
    return new ProtocolError(
      'ERR_XFER_READ_SHORT',
      `read a block to offset ${this.#end}: found its end at ${this.#position}`,
      { offset: this.#position },
    )
  }

  #finish(): BlockReadEvent {
    const verified = this.#kernel !== undefined && this.#format.type !== 'NULL'
    const status = verified ? Status.CHECKSUM_OK : Status.SUCCESS
    this.#output = this.#version.encodeReadStatus(status)
    this.#state = 'finished'
    return { kind: 'finished', status }
  }
}
