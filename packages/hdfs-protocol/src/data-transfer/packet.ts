/**
 * Packets, which carry a block's data both ways (Java: `PacketReceiver`):
 *
 *     | int32 PLEN | int16 header length | header | checksums | data |
 *                                                 '---- PLEN - 4 ----'
 *
 * Invariant: a packet is looked at only when all of it is here, contiguous; its parts are views of the receive buffer.
 */
import { ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import { type ChecksumFormat, checksumsBytes } from './checksum-format.ts'
import { packetBytesMax, packetHeaderBytesMax } from './limits.ts'
import {
  decodePacketHeader,
  type PacketHeader,
  packetHeaderBytes,
  packetHeaderBytesWritten,
  writePacketHeader,
} from './packet-header.ts'

/** The two lengths before the header. */
const lengthsBytes = 6

/** Most bytes that stand before a packet's checksums when this package writes it. */
export const packetPreambleBytesMax = lengthsBytes + packetHeaderBytesWritten

/** A received packet. Its views are valid until the receive buffer is read into again. */
export interface Packet {
  readonly header: PacketHeader
  /** One big-endian checksum a chunk; empty when the format is NULL or there is no data. */
  readonly checksums: Uint8Array
  readonly data: Uint8Array
  /** The whole packet as received, to pass on downstream. */
  readonly frame: Uint8Array
}

function fail(code: string, offset: number, found: string, allowed: string): never {
  throw new ProtocolError(code, `read a packet: found ${found}; ${allowed}`, { offset })
}

/**
 * Takes a packet from the front; undefined while it is not all here. Lengths are refused as soon as they are here
 * [xfer.packet.1] [xfer.packet.2] [xfer.packet.3] [xfer.packet.5].
 */
export function takePacket(input: ReceiveBuffer): Packet | undefined {
  if (input.length < 4) return undefined
  const packetLength = input.i32be(0)
  if (packetLength < 4 || packetLength > packetBytesMax) {
    fail('ERR_XFER_PACKET_LENGTH', 0, `length ${packetLength}`, `4 to ${packetBytesMax} are allowed`)
  }
  if (input.length < lengthsBytes) return undefined
  const headerLength = input.i16be(4)
  if (headerLength < 1) {
    fail(
      'ERR_XFER_PACKET_HEADER_LENGTH',
      4,
      `header length ${headerLength}`,
      `1 to ${packetHeaderBytesMax} are allowed`,
    )
  }
  const frameBytes = lengthsBytes + headerLength + packetLength - 4
  if (input.length < frameBytes) return undefined
  const frame = input.view(0, frameBytes)
  const header = decodePacketHeader(frame.subarray(lengthsBytes, lengthsBytes + headerLength))
  if (header.dataLen > packetLength - 4) {
    fail(
      'ERR_XFER_PACKET_DATA_LENGTH',
      lengthsBytes,
      `data length ${header.dataLen}`,
      `the packet has ${packetLength - 4}`,
    )
  }
  if (header.lastPacketInBlock && header.dataLen !== 0) {
    fail(
      'ERR_XFER_PACKET_LAST_DATA',
      lengthsBytes,
      `${header.dataLen} bytes of data in the last packet`,
      'it must be empty',
    )
  }
  input.consume(frameBytes)
  const dataStart = frameBytes - header.dataLen
  return {
    header,
    checksums: frame.subarray(lengthsBytes + headerLength, dataStart),
    data: frame.subarray(dataStart),
    frame,
  }
}

/** Length of the packet at the front, as its lengths say; 0 while they are not here. */
export function packetFrameBytes(input: ReceiveBuffer): number {
  return input.length < lengthsBytes ? 0 : lengthsBytes + input.i16be(4) + input.i32be(0) - 4
}

/** Throws unless there is exactly one checksum for each chunk of the packet's data, if it has any [xfer.packet.6]. */
export function checkChecksumsLength(packet: Packet, format: ChecksumFormat): void {
  if (packet.data.length === 0) return
  const needed = checksumsBytes(format, packet.data.length)
  if (packet.checksums.length !== needed) {
    fail(
      'ERR_XFER_PACKET_CHECKSUMS_LENGTH',
      lengthsBytes,
      `${packet.checksums.length} bytes of checksums for ${packet.data.length} bytes of data`,
      `${needed} are needed (${format.type}, ${format.bytesPerChecksum} bytes a checksum)`,
    )
  }
}

/** How many bytes stand before the checksums of this packet. */
export function packetPreambleBytes(header: PacketHeader): number {
  return lengthsBytes + packetHeaderBytes(header)
}

/**
 * Writes the lengths and the header so that they end at `end` of `bytes`, where `checksumsLength` bytes of checksums
 * and then the data follow. Returns where they start.
 */
export function writePacketPreamble(
  bytes: Uint8Array,
  end: number,
  header: PacketHeader,
  checksumsLength: number,
): number {
  const headerLength = packetHeaderBytes(header)
  const start = end - headerLength - lengthsBytes
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, lengthsBytes)
  view.setInt32(0, 4 + checksumsLength + header.dataLen)
  view.setInt16(4, headerLength)
  writePacketHeader(bytes, start + lengthsBytes, header)
  return start
}

/** Lengths, header and checksums of a packet: what precedes its data, which goes by on its own. */
export function encodePacketHead(header: PacketHeader, checksums: Uint8Array): Uint8Array {
  const preamble = packetPreambleBytes(header)
  const head = new Uint8Array(preamble + checksums.length)
  writePacketPreamble(head, preamble, header, checksums.length)
  head.set(checksums, preamble)
  return head
}
