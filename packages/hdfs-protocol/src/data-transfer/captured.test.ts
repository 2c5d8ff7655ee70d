/** Real traffic of Hadoop 3.4.3, both ways: what Java sent is what we would send, and we read what it sent. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import { type OpReadBlockProto, Status } from '@cairn/hadoop-proto'
import { patternBytes } from '@cairn/testkit'
import { BlockReadClientSession } from './block-read-client.ts'
import { BlockReadServerSession } from './block-read-server.ts'
import { BlockWriteClientSession } from './block-write-client.ts'
import { BlockWriteServerSession } from './block-write-server.ts'
import { encodeOperation, takeOperation } from './operation-request.ts'
import { OutgoingPackets } from './outgoing-packets.ts'
import { encodePacketHead, takePacket } from './packet.ts'
import { encodePipelineAck, successReply, takePipelineAck } from './pipeline-ack.ts'
import { encodeBlockOpResponse, encodeReadStatus, takeBlockOpResponse, takeReadStatus } from './response.ts'

const testData = new URL('../../test-data/', import.meta.url)
const reads = ['read-small-038-dn2', 'read-appended-051-dn2', 'read-open-055-dn1', 'pread-042-dn2']
const writes = [
  'write-small-026-dn2',
  'write-2blocks-029-dn1',
  'write-2blocks-030-dn1',
  'write-pipeline2-032-dn1',
  'write-pipeline2-033-dn2',
  'write-sync-035-dn2',
  'write-abandoned-057-dn2',
  'write-abandoned-058-dn1',
  'read-open-053-dn1',
]
const copies = ['rereplicate-063-dn2', 'rereplicate-064-dn2']

function captured(name: string, direction: 'c2s' | 's2c'): ReceiveBuffer {
  const bytes = gunzipSync(readFileSync(new URL(`${name}.${direction}.bin.gz`, testData)))
  const input = new ReceiveBuffer({ maxBytes: bytes.length + 1 })
  input.push(bytes)
  return input
}

/** Takes with `take`, and asserts that `encode` of the result gives the bytes that were taken. */
function takeBothWays<T>(
  input: ReceiveBuffer,
  take: (input: ReceiveBuffer) => T | undefined,
  encode: (value: T) => Uint8Array,
): T {
  const before = input.view()
  const value = take(input)
  assert.ok(value !== undefined)
  const taken = before.subarray(0, before.length - input.length)
  assert.deepEqual(Buffer.from(encode(value)), Buffer.from(taken))
  return value
}

const takeOperationBothWays = (input: ReceiveBuffer) =>
  takeBothWays(input, takeOperation, ({ name, request }) => encodeOperation(name, request as never))

const takePacketBothWays = (input: ReceiveBuffer) =>
  takeBothWays(input, takePacket, ({ header, checksums, data }) =>
    Buffer.concat([encodePacketHead(header, checksums), data]),
  )

test('takeOperation and encodeOperation agree with every captured operation', () => {
  for (const name of [...reads, ...writes, ...copies, 'checksum-046-dn1', 'read-2blocks-040-dn1']) {
    const { name: operation } = takeOperationBothWays(captured(name, 'c2s'))
    const expected = /^read-\d|^read-small|^read-app|^pread|055/.test(name)
      ? 'READ_BLOCK'
      : name.startsWith('checksum')
        ? 'BLOCK_CHECKSUM'
        : 'WRITE_BLOCK'
    assert.equal(operation, expected, name)
  }
})

test('packets, acknowledgements and answers of captured writes are encoded as Java encodes them', () => {
  for (const name of [...writes, ...copies]) {
    const sent = captured(name, 'c2s')
    const operation = takeOperationBothWays(sent)
    assert.ok(operation.name === 'WRITE_BLOCK')
    const server = new BlockWriteServerSession(operation.request, 0, sent)
    const packets = []
    for (let packet = server.next(); packet !== undefined; packet = server.next()) {
      assert.equal(server.verify(packet, kernel), -1)
      assert.deepEqual(
        Buffer.from(packet.data),
        Buffer.from(patternOf(name, packet.header.offsetInBlock, packet.data.length)),
      )
      const rebuilt = Buffer.concat([encodePacketHead(packet.header, packet.checksums), packet.data])
      assert.deepEqual(Buffer.from(packet.frame), rebuilt)
      packets.push(packet)
    }
    assert.equal(server.finished, !name.startsWith('write-abandoned'), name)
    assert.equal(sent.length, 0)
    const answers = captured(name, 's2c')
    if (copies.includes(name)) {
      // A copy between DataNodes is not answered.
      assert.equal(answers.length, 0)
      continue
    }
    assert.equal(takeBothWays(answers, takeBlockOpResponse, encodeBlockOpResponse).status, Status.SUCCESS)
    const acks = []
    while (answers.length > 0) acks.push(takeBothWays(answers, takePipelineAck, encodePipelineAck))
    assert.deepEqual(
      acks.filter((ack) => ack.seqno >= 0).map((ack) => ack.seqno),
      packets.slice(0, acks.filter((ack) => ack.seqno >= 0).length).map((packet) => packet.header.seqno),
    )
  }
})

/** The second block of a file starts at 131072 in the pattern. */
function patternOf(name: string, from: number, count: number): Uint8Array {
  const second = name === 'write-2blocks-030-dn1' || name === 'rereplicate-064-dn2'
  return patternBytes(count, from + (second ? 131_072 : 0))
}

function readRequest(operation: ReturnType<typeof takeOperationBothWays>): OpReadBlockProto {
  assert.ok(operation.name === 'READ_BLOCK')
  return operation.request
}

function clientOf(request: OpReadBlockProto): BlockReadClientSession {
  const { baseHeader, clientName } = request.header
  const [offset, length] = [Number(request.offset), Number(request.len)]
  const { cachingStrategy } = request
  const {
    block,
    token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' },
  } = baseHeader
  return new BlockReadClientSession(
    { block, token, clientName, offset, length, cachingStrategy, sendChecksums: true },
    kernel,
  )
}

test('BlockReadClientSession gets the data out of captured reads and sends what Java sent', () => {
  for (const name of [...reads, 'pread-middle-044-dn1', 'read-2blocks-040-dn1']) {
    const sent = captured(name, 'c2s')
    const answered = captured(name, 's2c')
    while (sent.length > 0) {
      const request = readRequest(takeOperationBothWays(sent))
      const client = clientOf(request)
      const operation = client.takeOutput()
      assert.deepEqual(takeOperationOf(operation), { name: 'READ_BLOCK', request })
      client.input.push(answered.view())
      const parts: Uint8Array[] = []
      let finished = false
      for (let event = client.next(); event !== undefined; event = client.next()) {
        if (event.kind === 'data') parts.push(event.data.slice())
        if (event.kind === 'finished') finished = true
      }
      assert.ok(finished && client.finished)
      const blockStart = request.header.baseHeader.block.blockId === 1073741829n ? 131_072 : 0
      const expected = patternBytes(Number(request.len), Number(request.offset) + blockStart)
      const data = Buffer.concat(parts)
      // The appended part of one file starts the pattern anew.
      const compared = name.startsWith('read-appended') ? 5000 : expected.length
      assert.deepEqual(data.subarray(0, compared), Buffer.from(expected.subarray(0, compared)), name)
      assert.equal(data.length, expected.length)
      const status = takeBothWays(sent, takeReadStatus, encodeReadStatus)
      assert.deepEqual(client.takeOutput(), encodeReadStatus(status))
      answered.consume(answered.length - client.input.length)
    }
    assert.equal(answered.length, 0)
  }
})

function takeOperationOf(bytes: Uint8Array | undefined) {
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  input.push(bytes ?? new Uint8Array())
  return takeOperation(input)
}

test('BlockReadServerSession answers captured reads as Java did, byte for byte', () => {
  const packetBytes = 65_536
  const replicas = [
    ['read-small-038-dn2', 5000],
    ['pread-042-dn2', 131_072],
    ['pread-middle-044-dn1', 131_072],
    ['read-open-055-dn1', 3000],
  ] as const
  for (const [name, replicaBytes] of replicas) {
    const request = readRequest(takeOperationBothWays(captured(name, 'c2s')))
    const expected = captured(name, 's2c').view()
    const server = new BlockReadServerSession({
      offset: Number(request.offset),
      length: Number(request.len),
      replicaBytes,
      format: { type: 'CRC32C', bytesPerChecksum: 512 },
      sendChecksums: request.sendChecksums ?? true,
    })
    const sent: Uint8Array[] = [server.response()]
    while (server.position < server.end) {
      const data = patternBytes(Math.min(packetBytes, server.end - server.position), server.position)
      const sums = new Uint8Array(Math.ceil(data.length / 512) * 4)
      kernel.compute('CRC32C', data, 512, sums)
      sent.push(server.packetHead(data.length, sums), data)
    }
    sent.push(server.lastPacket())
    assert.deepEqual(Buffer.concat(sent), Buffer.from(expected), name)
  }
})

test('BlockWriteClientSession writes a captured pipeline as Java did, byte for byte', () => {
  const expected = captured('write-pipeline2-032-dn1', 'c2s')
  const expectedBytes = expected.view()
  const operation = takeOperationBothWays(expected)
  assert.ok(operation.name === 'WRITE_BLOCK')
  const packets = new OutgoingPackets({
    kernel,
    format: { type: 'CRC32C', bytesPerChecksum: 512 },
    packetDataBytes: 65_536 - 33 - 126 * 4,
  })
  const client = new BlockWriteClientSession(operation.request, packets)
  const sent = client.takeOutput()
  assert.equal(packets.write(patternBytes(150_000)), 150_000)
  packets.finish()
  assert.deepEqual(client.takeOutput(), [], 'nothing is sent before the pipeline stands')
  client.input.push(captured('write-pipeline2-032-dn1', 's2c').view(0, 5))
  assert.deepEqual(client.next(), { kind: 'ready' })
  sent.push(...client.takeOutput())
  assert.deepEqual(Buffer.concat(sent), Buffer.from(expectedBytes))
  client.input.push(captured('write-pipeline2-032-dn1', 's2c').view(5))
  const events = []
  for (let event = client.next(); event !== undefined; event = client.next()) events.push(event)
  assert.deepEqual(events, [
    { kind: 'acked', seqno: 0, bytesAcked: 64_512 },
    { kind: 'acked', seqno: 1, bytesAcked: 129_024 },
    { kind: 'acked', seqno: 2, bytesAcked: 150_000 },
    { kind: 'finished' },
  ])
})

test('OutgoingPackets repeats the unfinished chunk after a flush as the captured hsync did', () => {
  const expected = captured('write-sync-035-dn2', 'c2s')
  takeOperationBothWays(expected)
  const packets = new OutgoingPackets({ kernel, format: { type: 'CRC32C', bytesPerChecksum: 512 } })
  packets.write(patternBytes(700))
  assert.equal(packets.flush({ sync: true }), 0)
  packets.write(patternBytes(2300, 700))
  assert.equal(packets.flush({ sync: true }), 1)
  for (const packet of [packets.takeReady(), packets.takeReady()]) {
    const due = takePacketBothWays(expected)
    assert.deepEqual(Buffer.from(packet?.frame ?? []), Buffer.from(due.frame))
  }
  // Java sends the unfinished chunk a third time when it closes; that says nothing new, so we do not.
  assert.equal(takePacketBothWays(expected).header.offsetInBlock, 2560)
  packets.finish()
  const last = packets.takeReady()
  assert.equal(last?.offsetInBlock, takePacketBothWays(expected).header.offsetInBlock)
  assert.equal(last?.lastPacketInBlock, true)
})

test('BlockWriteServerSession acknowledges as Java did', () => {
  const answers = captured('write-sync-035-dn2', 's2c')
  const operation = takeOperationBothWays(captured('write-sync-035-dn2', 'c2s'))
  assert.ok(operation.name === 'WRITE_BLOCK')
  const server = new BlockWriteServerSession(operation.request, 0)
  const sent = [server.response(), ...[0, 1, 2, 3].map((seqno) => server.ack(seqno, successReply))]
  assert.deepEqual(Buffer.concat(sent), Buffer.from(answers.view()))
})
