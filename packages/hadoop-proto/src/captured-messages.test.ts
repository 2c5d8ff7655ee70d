import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatHex, ProtocolError, parseHex } from '@cairn/bytes'
import { truncations } from '@cairn/testkit'
import { HeartbeatRequestProto, PacketHeaderProto } from './index.ts'
import { allCodecs } from './test-support/all-codecs.ts'

const codecs = await allCodecs()
const lines = readFileSync(new URL('../test-data/hadoop-3.4.3-messages.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const captured = lines.map((line) => {
  const [typeName, hex = ''] = line.split(' ')
  return { codec: codecs.get(typeName!)!, bytes: parseHex(hex) }
})

test('messages that Hadoop sent decode, and encode to the same bytes', () => {
  assert.ok(captured.length > 100)
  for (const { codec, bytes } of captured) {
    assert.equal(formatHex(codec.encode(codec.decode(bytes))), formatHex(bytes), codec.typeName)
  }
})

test('messages that Hadoop sent, cut anywhere, give a value or a ProtocolError', () => {
  for (const { codec, bytes } of captured) {
    for (const cut of truncations(bytes)) {
      try {
        codec.decode(cut)
      } catch (error) {
        assert.ok(error instanceof ProtocolError, `${codec.typeName}: ${error}`)
      }
    }
  }
})

test('a heartbeat of a DataNode has the numbers that its registration and storage had', () => {
  const sent = captured.find(({ codec }) => codec.typeName === HeartbeatRequestProto.typeName)!
  const { registration, reports } = HeartbeatRequestProto.decode(sent.bytes)
  assert.equal(registration.softwareVersion, '3.4.3')
  assert.equal(registration.datanodeID.ipAddr, '127.0.0.2')
  assert.equal(registration.storageInfo.layoutVersion | 0, -57)
  assert.equal(reports[0]?.storageUuid, reports[0]?.storage?.storageUuid)
})

test('a packet header always takes 25 bytes, since required zeros are written', () => {
  const header = { offsetInBlock: 0n, seqno: 0n, lastPacketInBlock: false, dataLen: 0, syncBlock: undefined }
  const bytes = PacketHeaderProto.encode(header)
  assert.equal(formatHex(bytes), '090000000000000000110000000000000000180025' + '00000000')
  assert.deepEqual(PacketHeaderProto.decode(bytes), header)
})
