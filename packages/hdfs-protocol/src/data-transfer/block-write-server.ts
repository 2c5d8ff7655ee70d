/**
 * A DataNode's half of WRITE_BLOCK (Java: `BlockReceiver` and its `PacketResponder`): packets in, acknowledgements out.
 * Writing to disk and passing on downstream are the DataNode's; it acknowledges when both are done.
 *
 *     answer() --packets--> next() ... next() = the last packet --> nothing more is expected
 */
import { ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import type { ChecksumKernel } from '@cairn/checksum'
import { type OpWriteBlockProto, Status } from '@cairn/hadoop-proto'
import { type ChecksumFormat, decodeChecksumFormat } from './checksum-format.ts'
import type { DataTransferVersion } from './data-transfer-version.ts'
import { packetBytesMax, packetHeaderBytesMax } from './limits.ts'
import { checkChecksumsLength, type Packet } from './packet.ts'
import { heartbeatSeqno } from './packet-header.ts'
import { type NodeReply, type PipelineAck, replyOfStatus } from './pipeline-ack.ts'
import { dataTransfer28 } from './version-28.ts'

/** Receive buffers of block receivers hold one packet of the largest size and what one read adds. */
export const blockWriteBufferBytesMax = packetBytesMax + packetHeaderBytesMax + 4 * 1024 * 1024

export class BlockWriteServerSession {
  readonly input: ReceiveBuffer
  /** What the writer guards its data with. */
  readonly format: ChecksumFormat
  readonly #version: DataTransferVersion
  readonly #fromClient: boolean
  #position: number
  #seqno = -1
  #finished = false

  /**
   * `input` is the connection's own: packets follow the operation in it. `position` = where the replica ends when the
   * pipeline is set up, so that a packet that leaves a gap is refused.
   */
  constructor(
    request: OpWriteBlockProto,
    position: number,
    input?: ReceiveBuffer,
    version: DataTransferVersion = dataTransfer28,
  ) {
    this.#version = version
    this.#fromClient = request.header.clientName !== ''
    this.input = input ?? new ReceiveBuffer({ maxBytes: blockWriteBufferBytesMax })
    this.format = decodeChecksumFormat(request.requestedChecksum)
    this.#position = position
  }

  /** True when the last packet was received. */
  get finished(): boolean {
    return this.#finished
  }

  /** Where the bytes received so far end in the block. */
  get position(): number {
    return this.#position
  }

  /** Length of the packet that has begun to come, as far as it is known; 0: unknown. Not checked yet. */
  get frameBytes(): number {
    return this.#version.packets.frameBytes(this.input)
  }

  /** What the next node gets behind the last packet; empty where nothing follows it. */
  get endMark(): Uint8Array {
    return this.#version.packets.endMark
  }

  /** The answer to the operation: `firstBadLink` is empty when the pipeline stands. */
  response(status: number = Status.SUCCESS, firstBadLink = '', message?: string): Uint8Array {
    return this.#version.encodeResponse('WRITE_BLOCK', { status, firstBadLink, message })
  }

  /**
   * The next packet in `input`, heartbeats included; undefined when more bytes are needed or after the last packet.
   * Its order, borders and lengths are checked, its checksums are not: see `verify`. Throws `ProtocolError` only.
   */
  next(): Packet | undefined {
    if (this.#finished) return undefined
    if (this.endMark.length > 0 && this.#version.packets.takeEndMark(this.input)) return this.#ended()
    const packet = this.#version.packets.take(this.input)
    if (packet === undefined) return undefined
    if (packet.header.seqno === heartbeatSeqno && packet.data.length === 0) return packet
    this.#check(packet)
    this.#seqno = packet.header.seqno
    this.#position = Math.max(this.#position, packet.header.offsetInBlock + packet.data.length)
    this.#finished = packet.header.lastPacketInBlock
    return packet
  }

  /** The mark without a last packet before it: a copy of an empty replica [xfer17.write.3]. */
  #ended(): Packet {
    if (this.#fromClient) {
      // A client says with the last packet that all is here.
      this.#refuse(
        'ERR_XFER_WRITE_SHORT',
        'length 0 where the last packet was due',
        'a client sends that first',
      )
    }
    this.#finished = true
    const none = new Uint8Array(0)
    const header = {
      offsetInBlock: this.#position,
      seqno: this.#seqno + 1,
      lastPacketInBlock: true,
      dataLen: 0,
      syncBlock: false,
    }
    return { header, checksums: none, data: none, frame: none }
  }

  #check(packet: Packet): void {
    const { header, data } = packet
    if (header.seqno <= this.#seqno) {
      // [xfer.write.2]
      this.#refuse('ERR_XFER_WRITE_SEQNO', `seqno ${header.seqno}`, `more than ${this.#seqno} is due`)
    }
    if (header.offsetInBlock > this.#position) {
      // [xfer.write.3]
      this.#refuse(
        'ERR_XFER_WRITE_GAP',
        `block offset ${header.offsetInBlock}`,
        `the bytes so far end at ${this.#position}`,
      )
    }
    const { bytesPerChecksum } = this.format
    const intoChunk = header.offsetInBlock % bytesPerChecksum
    if (intoChunk !== 0 && intoChunk + data.length > bytesPerChecksum) {
      // [xfer.write.5]
      this.#refuse(
        'ERR_XFER_WRITE_BORDER',
        `${data.length} bytes from block offset ${header.offsetInBlock}`,
        `a packet that starts inside a chunk of ${bytesPerChecksum} must end with it`,
      )
    }
    checkChecksumsLength(packet, this.format)
  }

  #refuse(code: string, found: string, allowed: string): never {
    throw new ProtocolError(code, `receive a block: found a packet with ${found}; ${allowed}`, {
      offset: this.#position,
    })
  }

  /** The index of the packet's first chunk that does not match its checksum, or −1. */
  verify(packet: Packet, kernel: ChecksumKernel): number {
    return kernel.verify(this.format.type, packet.data, this.format.bytesPerChecksum, packet.checksums)
  }

  /** The acknowledgement of a packet: our own reply, then those from below. */
  ack(seqno: number, own: NodeReply, downstream?: PipelineAck, downstreamAckTimeNanos = 0n): Uint8Array {
    const below = downstream?.replies ?? []
    return this.#version.encodeAck({ seqno, replies: [own, ...below], downstreamAckTimeNanos })
  }

  /** The acknowledgement when the node below is gone: we have the packet, it failed. */
  ackMirrorFailed(seqno: number, own: NodeReply): Uint8Array {
    const replies = [own, replyOfStatus(Status.ERROR)]
    return this.#version.encodeAck({ seqno, replies, downstreamAckTimeNanos: 0n })
  }
}
