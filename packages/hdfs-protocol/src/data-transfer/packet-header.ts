/**
 * `PacketHeaderProto` of datatransfer.proto. Both fixed-size fields make every header of one kind equally long, and
 * Java writes the fields in order, so the hot path reads and writes this layout directly; any other legal encoding
 * goes through the generated codec, which is the oracle in the tests.
 *
 *     | 09 | sfixed64 offsetInBlock | 11 | sfixed64 seqno | 18 | last | 25 | sfixed32 dataLen |( 28 | 01 )
 *      0    1                        9    10               18   19     20   21                 25
 */
import { ProtocolError } from '@cairn/bytes'
import { PacketHeaderProto } from '@cairn/hadoop-proto'

/** What leads every packet. */
export interface PacketHeader {
  /** Where the packet's data starts in the block, bytes. */
  readonly offsetInBlock: number
  /** Counts the packets of an operation; `heartbeatSeqno` for heartbeats. */
  readonly seqno: number
  /** The packet that ends the block; it has no data. */
  readonly lastPacketInBlock: boolean
  /** Bytes of data, without checksums. */
  readonly dataLen: number
  /** The receiver must bring everything up to this packet to the disk before it acknowledges it. */
  readonly syncBlock: boolean
}

/** Sequence number of packets that only show that the writer lives (Java: `DFSPacket.HEART_BEAT_SEQNO`). */
export const heartbeatSeqno = -1

const plainBytes = 25
const syncBytes = 27
/** Most bytes that `writePacketHeader` writes. */
export const packetHeaderBytesWritten = syncBytes

/** How many bytes `writePacketHeader` will take. */
export function packetHeaderBytes(header: PacketHeader): number {
  return header.syncBlock ? syncBytes : plainBytes
}

/** Writes a header at `at` of `bytes`; returns the bytes written. */
export function writePacketHeader(bytes: Uint8Array, at: number, header: PacketHeader): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, packetHeaderBytes(header))
  view.setUint8(0, 0x09)
  setSfixed64(view, 1, header.offsetInBlock)
  view.setUint8(9, 0x11)
  setSfixed64(view, 10, header.seqno)
  view.setUint8(18, 0x18)
  view.setUint8(19, header.lastPacketInBlock ? 1 : 0)
  view.setUint8(20, 0x25)
  view.setInt32(21, header.dataLen, true)
  if (header.syncBlock) view.setUint16(25, 0x2801)
  return view.byteLength
}

function setSfixed64(view: DataView, at: number, value: number): void {
  view.setInt32(at, value | 0, true)
  view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true)
}

function sfixed64(bytes: Uint8Array, at: number): number {
  const low = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  const high = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)
  return high * 0x1_0000_0000 + low
}

/** Whether the bytes have the layout above. */
function isCommonLayout(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x09 || bytes[9] !== 0x11 || bytes[18] !== 0x18 || bytes[20] !== 0x25) return false
  if (bytes[19]! > 1) return false
  return bytes.length === plainBytes || (bytes.length === syncBytes && bytes[25] === 0x28 && bytes[26]! <= 1)
}

/** Reads a header; anything but a `PacketHeaderProto` with numbers in range is a `ProtocolError` [xfer.packet.4]. */
export function decodePacketHeader(bytes: Uint8Array): PacketHeader {
  const header = isCommonLayout(bytes) ? readCommonLayout(bytes) : readAnyLayout(bytes)
  checkNumber('offsetInBlock', header.offsetInBlock, 0)
  checkNumber('seqno', header.seqno, heartbeatSeqno)
  checkNumber('dataLen', header.dataLen, 0)
  return header
}

function readCommonLayout(bytes: Uint8Array): PacketHeader {
  return {
    offsetInBlock: sfixed64(bytes, 1),
    seqno: sfixed64(bytes, 10),
    lastPacketInBlock: bytes[19] === 1,
    dataLen: bytes[21]! | (bytes[22]! << 8) | (bytes[23]! << 16) | (bytes[24]! << 24),
    syncBlock: bytes[26] === 1,
  }
}

function readAnyLayout(bytes: Uint8Array): PacketHeader {
  const message = PacketHeaderProto.decode(bytes)
  return {
    offsetInBlock: Number(message.offsetInBlock),
    seqno: Number(message.seqno),
    lastPacketInBlock: message.lastPacketInBlock,
    dataLen: message.dataLen,
    syncBlock: message.syncBlock ?? false,
  }
}

function checkNumber(field: string, value: number, least: number): void {
  if (value < least || !Number.isSafeInteger(value)) {
    throw new ProtocolError(
      'ERR_XFER_PACKET_HEADER',
      `read a packet header: found ${field} ${value}; ${least} to ${Number.MAX_SAFE_INTEGER} are allowed`,
      { path: `PacketHeaderProto.${field}` },
    )
  }
}
