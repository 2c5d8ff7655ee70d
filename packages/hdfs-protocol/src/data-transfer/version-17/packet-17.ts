/**
 * Packets of version 17 (Java: `DFSClient.BlockReader`, `BlockReceiver` of Hadoop 1):
 *
 *     | int32 PLEN | int64 offsetInBlock | int64 seqno | int8 last | int32 dataLen | checksums | data |
 *                                                                                  '---- PLEN - 4 ----'
 *
 * A PLEN of 0 is no packet: it ends the block.
 */
import { ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import type { PacketForm } from '../data-transfer-version.ts'
import { packetBytesMax } from '../limits.ts'
import type { Packet } from '../packet.ts'
import { heartbeatSeqno, type PacketHeader } from '../packet-header.ts'

/** Every header takes as much, PLEN included. */
const headBytes = 25

const endMark = new Uint8Array(4)

function fail(code: string, offset: number, found: string, allowed: string): never {
  throw new ProtocolError(code, `read a packet: found ${found}; ${allowed}`, { offset })
}

/** A signed 64-bit number; one that is not safe comes out as NaN. */
function safeInt64(view: DataView, at: number): number {
  const value = view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
  return Number.isSafeInteger(value) ? value : Number.NaN
}

function checkNumber(offset: number, field: string, value: number, least: number): void {
  if (value >= least) return
  const found = Number.isNaN(value) ? 'a number beyond 2^53' : String(value)
  fail('ERR_XFER_PACKET_HEADER', offset, `${field} ${found}`, `${least} to 2^53 − 1 are allowed`)
}

/** [xfer17.packet.2] */
function readHeader(frame: Uint8Array): PacketHeader {
  const view = new DataView(frame.buffer, frame.byteOffset, headBytes)
  const header = {
    offsetInBlock: safeInt64(view, 4),
    seqno: safeInt64(view, 12),
    lastPacketInBlock: view.getUint8(20) !== 0,
    dataLen: view.getInt32(21),
    syncBlock: false,
  }
  if (view.getUint8(20) > 1)
    fail('ERR_XFER_PACKET_HEADER', 20, `last packet ${view.getUint8(20)}`, '0 and 1 are known')
  checkNumber(4, 'offsetInBlock', header.offsetInBlock, 0)
  checkNumber(12, 'seqno', header.seqno, heartbeatSeqno)
  checkNumber(21, 'dataLen', header.dataLen, 0)
  return header
}

/** [xfer17.packet.1] [xfer17.packet.2] */
function takePacket17(input: ReceiveBuffer): Packet | undefined {
  if (input.length < 4) return undefined
  const packetLength = input.i32be(0)
  if (packetLength < 4 || packetLength > packetBytesMax) {
    fail('ERR_XFER_PACKET_LENGTH', 0, `length ${packetLength}`, `4 to ${packetBytesMax} are allowed`)
  }
  const frameBytes = headBytes + packetLength - 4
  if (input.length < frameBytes) return undefined
  const frame = input.view(0, frameBytes)
  const header = readHeader(frame)
  if (header.dataLen > packetLength - 4) {
    const most = `the packet has ${packetLength - 4}`
    fail('ERR_XFER_PACKET_DATA_LENGTH', 21, `data length ${header.dataLen}`, most)
  }
  input.consume(frameBytes)
  const dataStart = frameBytes - header.dataLen
  return {
    header,
    checksums: frame.subarray(headBytes, dataStart),
    data: frame.subarray(dataStart),
    frame,
  }
}

function frameBytes17(input: ReceiveBuffer): number {
  return input.length < 4 ? 0 : headBytes + input.i32be(0) - 4
}

function writePreamble17(
  bytes: Uint8Array,
  end: number,
  header: PacketHeader,
  checksumsLength: number,
): number {
  const start = end - headBytes
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, headBytes)
  view.setInt32(0, 4 + checksumsLength + header.dataLen)
  setInt64(view, 4, header.offsetInBlock)
  setInt64(view, 12, header.seqno)
  view.setUint8(20, header.lastPacketInBlock ? 1 : 0)
  view.setInt32(21, header.dataLen)
  return start
}

function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 0x1_0000_0000))
  view.setInt32(at + 4, value | 0)
}

/** The packets of version 17; they have no place for `syncBlock` [xfer17.packet.3]. */
export const packets17: PacketForm = {
  preambleBytesMax: headBytes,
  canSync: false,
  preambleBytes: () => headBytes,
  writePreamble: writePreamble17,
  take: takePacket17,
  frameBytes: frameBytes17,
  endMark,
  takeEndMark(input) {
    if (input.length < endMark.length || input.i32be(0) !== 0) return false
    input.consume(endMark.length)
    return true
  },
}
