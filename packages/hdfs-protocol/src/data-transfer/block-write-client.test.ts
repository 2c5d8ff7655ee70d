import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { portableKernel } from '@cairn/checksum'
import {
  type OpWriteBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  Status,
} from '@cairn/hadoop-proto'
import { patternBytes, randomInteger, seededRandom } from '@cairn/testkit'
import { BlockWriteClientSession } from './block-write-client.ts'
import { BlockWriteServerSession } from './block-write-server.ts'
import type { ChecksumFormat } from './checksum-format.ts'
import { OutgoingPackets, type OutgoingPacketsOptions } from './outgoing-packets.ts'
import { type Packet, takePacket } from './packet.ts'
import { encodePipelineAck, replyOfStatus, successReply, unknownSeqno } from './pipeline-ack.ts'
import { encodeBlockOpResponse } from './response.ts'

const format: ChecksumFormat = { type: 'CRC32C', bytesPerChecksum: 512 }
const id = { ipAddr: '127.0.0.1', hostName: 'h', datanodeUuid: 'u', xferPort: 1, infoPort: 2, ipcPort: 3 }

function request(nodes: number, stage: number = Stage.PIPELINE_SETUP_CREATE): OpWriteBlockProto {
  const token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' }
  return {
    header: {
      baseHeader: { block: { poolId: 'BP-1', blockId: 1n, generationStamp: 1n }, token },
      clientName: 'c',
    },
    targets: Array.from({ length: nodes - 1 }, () => ({ id })),
    stage,
    pipelineSize: nodes,
    minBytesRcvd: 0n,
    maxBytesRcvd: 0n,
    latestGenerationStamp: 0n,
    requestedChecksum: { type: 2, bytesPerChecksum: 512 },
    targetStorageTypes: [],
    targetPinnings: [],
    targetStorageIds: [],
  }
}

const packetsOf = (options: Partial<OutgoingPacketsOptions> = {}) =>
  new OutgoingPackets({ kernel: portableKernel, format, ...options })

/** A pipeline that stands, over these packets. */
function standing(packets: OutgoingPackets, nodes = 1): BlockWriteClientSession {
  const session = new BlockWriteClientSession(request(nodes), packets)
  session.takeOutput()
  session.input.push(encodeBlockOpResponse({ status: Status.SUCCESS, firstBadLink: '' }))
  assert.deepEqual(session.next(), { kind: 'ready' })
  return session
}

function parse(frames: readonly Uint8Array[]): Packet[] {
  return frames.map((frame) => {
    const input = new ReceiveBuffer({ maxBytes: 1 << 24 })
    input.push(frame)
    const packet = takePacket(input)
    assert.ok(packet !== undefined && input.length === 0)
    return packet
  })
}

function ack(session: BlockWriteClientSession, seqno: number, ...statuses: number[]): void {
  const replies = statuses.map(replyOfStatus)
  session.input.push(encodePipelineAck({ seqno, replies, downstreamAckTimeNanos: 0n }))
}

// [xfer.write.4] [xfer.write.5]
test('any mix of writes and flushes arrives whole, with checksums of whole chunks', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 60; round++) {
    const startOffset = round % 2 === 0 ? 0 : randomInteger(random, 2000)
    const packets = packetsOf({ startOffset, packetDataBytes: 2048, windowPackets: 1000 })
    const session = standing(packets)
    const server = new BlockWriteServerSession(request(1), startOffset)
    const data = patternBytes(20_000, startOffset)
    for (let at = 0; at < data.length; ) {
      const count = 1 + randomInteger(random, 1500)
      at += packets.write(data.subarray(at, at + count))
      if (random() < 0.4) packets.flush({ sync: random() < 0.5 })
    }
    packets.finish()
    for (const frame of session.takeOutput()) server.input.push(frame)
    const received = new Uint8Array(startOffset + data.length)
    for (let packet = server.next(); packet !== undefined; packet = server.next()) {
      assert.equal(server.verify(packet, portableKernel), -1)
      received.set(packet.data, packet.header.offsetInBlock)
    }
    assert.ok(server.finished)
    assert.equal(server.position, startOffset + data.length)
    assert.equal(Buffer.compare(received.subarray(startOffset), data), 0)
  }
})

test('write stops at the window and goes on when packets are acknowledged', () => {
  const packets = packetsOf({ packetDataBytes: 1024, windowPackets: 3 })
  const session = standing(packets)
  const data = patternBytes(10_000)
  assert.equal(packets.write(data), 3072)
  assert.ok(packets.windowFull)
  assert.equal(session.takeOutput().length, 3)
  assert.equal(packets.write(data, 3072), 0)
  ack(session, 0, Status.SUCCESS)
  assert.deepEqual(session.next(), { kind: 'acked', seqno: 0, bytesAcked: 1024 })
  assert.equal(packets.write(data, 3072), 1024)
  assert.equal(packets.bytesSent, 3072)
  assert.equal(packets.bytesWritten, 4096)
  assert.deepEqual(parse(session.takeOutput())[0]?.header.offsetInBlock, 3072)
})

test('packets grow with the block, and the window holds as many bytes of large ones as of small ones', () => {
  const packets = packetsOf()
  const session = standing(packets)
  const data = patternBytes(1 << 20)
  const sizes: number[] = []
  for (let sent = 0; sent < 8 << 20; ) {
    let at = 0
    while (at < data.length) {
      at += packets.write(data, at)
      const sealed = parse(session.takeOutput())
      for (const { header } of sealed) sizes.push(header.dataLen)
      if (!packets.windowFull) continue
      assert.ok(packets.unackedCount <= 80, `${packets.unackedCount} packets`)
      for (const { seqno, dataLen } of packets.unacked) {
        assert.ok(dataLen <= 512 << 10)
        packets.acknowledge(seqno)
      }
    }
    sent += data.length
  }
  assert.equal(sizes[0], 64 << 10)
  assert.equal(sizes.at(-1), 512 << 10)
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => a - b),
    'none is smaller than one before',
  )
})

test('ten packets of 512 KiB fill the window', () => {
  const packets = packetsOf()
  const session = standing(packets)
  const data = patternBytes(8 << 20)
  const first = packets.write(data.subarray(0, 3 << 20))
  assert.equal(first, 3 << 20)
  session.takeOutput()
  for (const { seqno } of packets.unacked) packets.acknowledge(seqno)
  assert.equal(packets.write(data) + (packets.bytesWritten % (512 << 10)), 5 << 20)
  assert.ok(packets.windowFull)
})

// [xfer.write.6]
test('flush without anything new needs a packet only for sync', () => {
  const packets = packetsOf()
  const session = standing(packets)
  assert.equal(packets.flush({ sync: false }), undefined)
  assert.equal(packets.flush({ sync: true }), 0)
  const [empty] = parse(session.takeOutput())
  assert.deepEqual(empty?.header, {
    offsetInBlock: 0,
    seqno: 0,
    lastPacketInBlock: false,
    dataLen: 0,
    syncBlock: true,
  })
  assert.equal(packets.flush({ sync: false }), 0, 'the sync is still on its way')
})

test('an append inside a chunk first fills that chunk up', () => {
  const packets = packetsOf({ startOffset: 700 })
  const session = standing(packets)
  packets.write(patternBytes(10, 700))
  packets.flush({ sync: false })
  packets.write(patternBytes(1000, 710))
  packets.flush({ sync: false })
  const headers = parse(session.takeOutput()).map(({ header }) => [header.offsetInBlock, header.dataLen])
  assert.deepEqual(headers, [
    [700, 10],
    [700, 324],
    [1024, 686],
  ])
})

// [xfer.recovery.1]
test('rewind makes everything unacknowledged ready for the next pipeline, byte for byte', () => {
  const packets = packetsOf({ packetDataBytes: 512 })
  const first = standing(packets)
  packets.write(patternBytes(512 * 4 + 100))
  const sent = first.takeOutput().map((frame) => frame.slice())
  ack(first, 0, Status.SUCCESS)
  first.next()
  packets.rewind()
  const second = standing(packets)
  assert.deepEqual(
    second.takeOutput().map((frame) => Buffer.from(frame)),
    sent.slice(1).map((frame) => Buffer.from(frame)),
  )
  packets.finish()
  assert.deepEqual(
    parse(second.takeOutput()).map(({ header }) => header.seqno),
    [4, 5],
  )
  assert.equal(packets.unacked.length, 5)
})

// [xfer.ack.3]
test('a bad reply names the farthest node that complains', () => {
  const session = standing(packetsOf(), 3)
  ack(session, 0, Status.SUCCESS, Status.SUCCESS, Status.ERROR_CHECKSUM)
  assert.deepEqual(session.next(), {
    kind: 'failed',
    nodeIndex: 2,
    status: Status.ERROR_CHECKSUM,
    restarting: false,
  })
  assert.equal(session.next(), undefined)
})

// [xfer.ack.4]
test('a node that restarts says so out of band', () => {
  const session = standing(packetsOf(), 2)
  ack(session, unknownSeqno, Status.SUCCESS, Status.OOB_RESTART)
  assert.deepEqual(session.next(), {
    kind: 'failed',
    nodeIndex: 1,
    status: Status.OOB_RESTART,
    restarting: true,
  })
})

// [xfer.ack.1] [xfer.ack.3]
test('acknowledgements out of order and with missing or extra replies are ProtocolErrors', () => {
  const begin = () => {
    const packets = packetsOf({ packetDataBytes: 512 })
    const session = standing(packets, 2)
    packets.write(patternBytes(1024))
    session.takeOutput()
    return session
  }
  const refuses = (code: string, seqno: number, ...statuses: number[]) => {
    const session = begin()
    ack(session, seqno, ...statuses)
    assert.throws(() => session.next(), { code })
  }
  refuses('ERR_XFER_ACK_ORDER', 1, 0, 0)
  refuses('ERR_XFER_ACK_ORDER', 7, 0, 0)
  refuses('ERR_XFER_ACK_REPLIES', 0, 0)
  refuses('ERR_XFER_ACK_REPLIES', 0, 0, 0, 0)
  refuses('ERR_XFER_ACK_REPLIES', 0)
})

test('heartbeats are sent only on a standing pipeline, and their acknowledgements say nothing', () => {
  const packets = packetsOf()
  const session = new BlockWriteClientSession(request(1), packets)
  session.takeOutput()
  session.heartbeat()
  assert.deepEqual(session.takeOutput(), [])
  const open = standing(packets)
  open.heartbeat()
  const [packet] = parse(open.takeOutput())
  assert.equal(packet?.header.seqno, -1)
  open.input.push(encodePipelineAck({ seqno: -1, replies: [successReply], downstreamAckTimeNanos: 0n }))
  assert.equal(open.next(), undefined)
})

// [xfer.response.2]
test('a refused pipeline names its first bad link', () => {
  const session = new BlockWriteClientSession(request(2), packetsOf())
  session.input.push(encodeBlockOpResponse({ status: Status.ERROR, firstBadLink: '127.0.0.1:1' }))
  assert.deepEqual(session.next(), {
    kind: 'refused',
    refusal: { status: Status.ERROR, message: '', firstBadLink: '127.0.0.1:1' },
  })
})

// [xfer.recovery.2]
test('a close recovery finishes the block with the answer alone', () => {
  const packets = packetsOf()
  packets.finish()
  const session = new BlockWriteClientSession(request(2, Stage.PIPELINE_CLOSE_RECOVERY), packets)
  assert.equal(session.takeOutput().length, 1)
  session.input.push(encodeBlockOpResponse({ status: Status.SUCCESS }))
  assert.deepEqual(session.next(), { kind: 'finished' })
  assert.ok(packets.idle && session.finished)
  assert.deepEqual(session.takeOutput(), [])
})

// [xfer.write.8]
test('an eager session sends what is ready behind the operation; a refusal leaves it for the next pipeline', () => {
  const packets = packetsOf()
  packets.write(patternBytes(1000))
  packets.finish()
  const session = new BlockWriteClientSession(request(1), packets, undefined, { eager: true })
  const [operation, ...frames] = session.takeOutput()
  assert.ok(operation !== undefined)
  assert.deepEqual(
    parse(frames).map(({ header }) => header.dataLen),
    [1000, 0],
  )
  session.input.push(encodeBlockOpResponse({ status: Status.ERROR }))
  assert.equal(session.next()?.kind, 'refused')
  packets.rewind()
  assert.equal(standing(packets).takeOutput().length, 2)
  const closing = packetsOf()
  closing.finish()
  const recovery = request(1, Stage.PIPELINE_CLOSE_RECOVERY)
  const closes = new BlockWriteClientSession(recovery, closing, undefined, { eager: true })
  assert.equal(closes.takeOutput().length, 1, 'a close recovery never sends packets')
})
