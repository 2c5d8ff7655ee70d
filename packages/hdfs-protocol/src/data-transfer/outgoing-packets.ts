/**
 * A block's bytes on their way out: packets that are filled, ready, in flight (Java: `DFSOutputStream`'s current
 * packet, `DataStreamer`'s dataQueue and ackQueue). It outlives a pipeline: when one breaks, `rewind()` makes
 * everything unacknowledged ready again for the next.
 *
 *     write() -> filling --sealed--> ready --takeReady()--> in flight --acknowledge()--> forgotten
 *                                      ^--------rewind()-------'
 *
 * Invariants: `write()` takes nothing while ready and in flight together fill the window (`flush` and `finish` may add
 * one packet each on top); what is acknowledged is always the oldest.
 *
 * Chunks: a packet starts on a chunk's border, so that its checksums are those of the block file. Two exceptions, both
 * Java's: (a) after a flush inside a chunk the next packet repeats that chunk from its border; (b) a block that is
 * appended to inside a chunk starts with one packet that only fills this chunk up [xfer.write.4] [xfer.write.5].
 */
import { ProtocolError } from '@cairn/bytes'
import type { ChecksumKernel } from '@cairn/checksum'
import { assertLocal } from './assert-local.ts'
import type { ChecksumFormat } from './checksum-format.ts'
import type { DataTransferVersion } from './data-transfer-version.ts'
import {
  bytesInFlightMax,
  packetDataBytesFirst,
  packetDataBytesLater,
  packetGrowthShare,
  packetsInFlightMax,
} from './limits.ts'
import { OutgoingPacket, outgoingDataStart } from './outgoing-packet.ts'
import { dataTransfer28 } from './version-28.ts'

export interface OutgoingPacketsOptions {
  readonly kernel: ChecksumKernel
  readonly format: ChecksumFormat
  /** Bytes that the block has already (append). Default 0. */
  readonly startOffset?: number | undefined
  /**
   * Most data bytes in a packet, cut down to whole chunks but at least one. Default: 64 KiB, growing to 512 KiB as the
   * block grows.
   */
  readonly packetDataBytes?: number | undefined
  /** Most packets ready and in flight. Default 80, and of large ones no more than 5 MiB. */
  readonly windowPackets?: number | undefined
  /** How packets look. Default version 28. */
  readonly version?: DataTransferVersion | undefined
}

export class OutgoingPackets {
  readonly #kernel: ChecksumKernel
  readonly format: ChecksumFormat
  readonly version: DataTransferVersion
  readonly #packetDataBytesFirst: number
  readonly #packetDataBytesLater: number
  readonly #windowPackets: number
  /** From here on every chunk's bytes were seen, so they can be repeated. */
  readonly #startOffset: number
  /** Memory of acknowledged packets of the largest size. */
  readonly #freeMemory: Uint8Array[] = []
  /** Has at least one byte that no packet carried before. */
  #filling: OutgoingPacket | undefined
  /** The unfinished chunk that a flush left behind. */
  #tail: Uint8Array = new Uint8Array(0)
  #ready: OutgoingPacket[] = []
  #inFlight: OutgoingPacket[] = []
  #nextSeqno = 0
  #lastSealed = -1
  #bytesWritten: number
  #bytesSent: number
  #bytesAcked: number
  /** Data in packets that are ready or in flight. */
  #bytesUnacked = 0
  #finished = false

  constructor(options: OutgoingPacketsOptions) {
    const wholeChunks = (bytes: number): number =>
      Math.max(1, Math.floor(bytes / options.format.bytesPerChecksum)) * options.format.bytesPerChecksum
    this.#kernel = options.kernel
    this.format = options.format
    this.version = options.version ?? dataTransfer28
    this.#packetDataBytesFirst = wholeChunks(options.packetDataBytes ?? packetDataBytesFirst)
    this.#packetDataBytesLater = wholeChunks(options.packetDataBytes ?? packetDataBytesLater)
    this.#windowPackets = options.windowPackets ?? packetsInFlightMax
    this.#startOffset = options.startOffset ?? 0
    this.#bytesWritten = this.#startOffset
    this.#bytesSent = this.#startOffset
    this.#bytesAcked = this.#startOffset
  }

  /** Where the bytes written so far end in the block. */
  get bytesWritten(): number {
    return this.#bytesWritten
  }
  /** Where the bytes handed out for sending end in the block. */
  get bytesSent(): number {
    return this.#bytesSent
  }
  /** Where the bytes that every node of the pipeline has acknowledged end in the block. */
  get bytesAcked(): number {
    return this.#bytesAcked
  }
  /** Packets that are ready or in flight, oldest first. */
  get unacked(): readonly OutgoingPacket[] {
    return [...this.#inFlight, ...this.#ready]
  }
  get unackedCount(): number {
    return this.#ready.length + this.#inFlight.length
  }
  get inFlightCount(): number {
    return this.#inFlight.length
  }
  /** Sequence number of the newest packet that was sealed; −1 when there is none. */
  get lastSeqno(): number {
    return this.#lastSealed
  }
  /** True when every sealed packet is acknowledged. */
  get idle(): boolean {
    return this.unackedCount === 0
  }
  /** True when `write()` would take nothing. */
  get windowFull(): boolean {
    return this.windowUsed >= 1
  }
  /** How full the window is, from 0 up. */
  get windowUsed(): number {
    return Math.max(this.unackedCount / this.#windowPackets, this.#bytesUnacked / bytesInFlightMax)
  }

  /** Copies bytes in, from index `from` on; returns how many were taken: fewer when the window is full. */
  write(bytes: Uint8Array, from = 0): number {
    assertLocal(!this.#finished, 'no write after finish')
    let at = from
    while (at < bytes.length && !this.windowFull) {
      this.#filling ??= this.#open()
      const count = this.#filling.append(bytes, at)
      at += count
      this.#bytesWritten += count
      if (this.#filling.full) this.#sealFilling(this.#filling, false)
    }
    return at - from
  }

  #open(): OutgoingPacket {
    const offset = this.#bytesWritten - this.#tail.length
    const intoChunk = offset % this.format.bytesPerChecksum
    const room = this.#packetDataBytes()
    const most = intoChunk === 0 ? room : this.format.bytesPerChecksum - intoChunk
    const dataStart = outgoingDataStart(this.version.packets, this.format, room)
    const memory = this.#freeMemory.pop() ?? new Uint8Array(dataStart + room)
    const packet = new OutgoingPacket(memory, dataStart, this.#nextSeqno++, offset, most)
    packet.append(this.#tail, 0)
    this.#tail = new Uint8Array(0)
    return packet
  }

  /** How much data the next packet takes: more and more, up to a limit. */
  #packetDataBytes(): number {
    const share = (this.#bytesWritten - this.#startOffset) * packetGrowthShare
    return share < this.#packetDataBytesLater ? this.#packetDataBytesFirst : this.#packetDataBytesLater
  }

  #sealFilling(packet: OutgoingPacket, syncBlock: boolean): void {
    this.#keepTail(packet)
    this.#filling = undefined
    this.#seal(packet, syncBlock, false)
  }

  #seal(packet: OutgoingPacket, syncBlock: boolean, lastPacketInBlock: boolean): void {
    packet.seal(this.version.packets, this.#kernel, this.format, { syncBlock, lastPacketInBlock })
    this.#lastSealed = packet.seqno
    this.#bytesUnacked += packet.dataLen
    this.#ready.push(packet)
  }

  /** Remembers the chunk that the packet leaves unfinished, to repeat it in the next. */
  #keepTail(packet: OutgoingPacket): void {
    const { end, data } = packet
    const border = end - (end % this.format.bytesPerChecksum)
    const from = Math.max(border, this.#startOffset, packet.offsetInBlock)
    this.#tail = data.slice(from - packet.offsetInBlock)
  }

  /**
   * Seals what is written so far; returns the sequence number whose acknowledgement means that all of it has arrived,
   * or undefined when that is so already. With `sync` the nodes bring it to their disks first; that needs a packet
   * even when there is nothing new.
   */
  flush(options: { readonly sync: boolean }): number | undefined {
    if (this.#filling !== undefined) this.#sealFilling(this.#filling, options.sync)
    else if (options.sync) this.#sealEmpty(true, false)
    return this.idle ? undefined : this.lastSeqno
  }

  /** Seals what is written and the empty last packet; returns its sequence number. */
  finish(): number {
    if (!this.#finished) {
      if (this.#filling !== undefined) this.#sealFilling(this.#filling, false)
      this.#finished = true
      this.#sealEmpty(false, true)
    }
    return this.lastSeqno
  }

  #sealEmpty(syncBlock: boolean, lastPacketInBlock: boolean): void {
    const form = this.version.packets
    const dataStart = outgoingDataStart(form, this.format, 0)
    const memory = new Uint8Array(dataStart + form.endMark.length)
    const packet = new OutgoingPacket(memory, dataStart, this.#nextSeqno++, this.#bytesWritten, 0)
    this.#seal(packet, syncBlock, lastPacketInBlock)
  }

  /** Hands out the next ready packet; it is in flight from now on. */
  takeReady(): OutgoingPacket | undefined {
    const packet = this.#ready.shift()
    if (packet === undefined) return undefined
    this.#inFlight.push(packet)
    this.#bytesSent = Math.max(this.#bytesSent, packet.end)
    return packet
  }

  /** The oldest packet in flight was acknowledged by all nodes; any other seqno is a `ProtocolError` [xfer.ack.1]. */
  acknowledge(seqno: number): OutgoingPacket {
    const packet = this.#inFlight[0]
    if (packet === undefined || packet.seqno !== seqno) {
      throw new ProtocolError(
        'ERR_XFER_ACK_ORDER',
        `read an acknowledgement: found seqno ${seqno}; ${packet === undefined ? 'none' : packet.seqno} is due`,
        { path: 'PipelineAckProto.seqno' },
      )
    }
    this.#inFlight.shift()
    this.#bytesAcked = Math.max(this.#bytesAcked, packet.end)
    // Every node has the packet, so no socket needs its memory any more.
    this.#bytesUnacked -= packet.dataLen
    if (packet.memory.length > this.#packetDataBytesLater) this.#freeMemory.push(packet.memory)
    return packet
  }

  /** Makes everything in flight ready again, in order, for a new pipeline. */
  rewind(): void {
    this.#ready = [...this.#inFlight, ...this.#ready]
    this.#inFlight = []
  }
}
