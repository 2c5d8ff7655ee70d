import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { checkChecksumsLength, encodePacketHead, takePacket } from './packet.ts'

const format = { type: 'CRC32C', bytesPerChecksum: 512 } as const

function packetWith(dataLen: number, checksumBytes: number) {
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  const header = { offsetInBlock: 0, seqno: 100, lastPacketInBlock: dataLen === 0, dataLen, syncBlock: false }
  input.push(encodePacketHead(header, new Uint8Array(checksumBytes)))
  input.push(new Uint8Array(dataLen))
  const packet = takePacket(input)
  assert.ok(packet)
  return packet
}

// [xfer.packet.6]
test('checksums are counted where there is data, and not looked at where there is none', () => {
  checkChecksumsLength(packetWith(0, 0), format)
  checkChecksumsLength(packetWith(0, 4), format)
  checkChecksumsLength(packetWith(513, 8), format)
  const code = 'ERR_XFER_PACKET_CHECKSUMS_LENGTH'
  assert.throws(() => checkChecksumsLength(packetWith(1, 0), format), { code })
  assert.throws(() => checkChecksumsLength(packetWith(513, 12), format), { code })
})
