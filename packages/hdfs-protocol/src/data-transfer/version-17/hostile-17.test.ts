/** What a peer of version 17 can do wrong: cut, split, mutated, oversized, out of order. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import { portableKernel } from '@cairn/checksum'
import { OpWriteBlockProto_BlockConstructionStage as Stage, Status } from '@cairn/hadoop-proto'
import { mutated, patternBytes, seededRandom, splits, truncations } from '@cairn/testkit'
import { BlockReadClientSession } from '../block-read-client.ts'
import { BlockWriteClientSession } from '../block-write-client.ts'
import { BlockWriteServerSession } from '../block-write-server.ts'
import { dataTransferVersionAt } from '../data-transfer-versions.ts'
import { operation17BytesMax, packetBytesMax, targetsMax } from '../limits.ts'
import { OutgoingPackets } from '../outgoing-packets.ts'
import { packetHeadOf } from '../packet-head.ts'
import { replyOfStatus, successReply, unknownSeqno } from '../pipeline-ack.ts'
import { dataTransfer17 } from './version-17.ts'

const folder = new URL('../../../test-data/1.2.1/', import.meta.url)

function captured(name: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`${name}.bin.gz`, folder)))
}

function bufferOf(bytes: Uint8Array): ReceiveBuffer {
  const input = new ReceiveBuffer({ maxBytes: packetBytesMax * 2 })
  input.push(bytes)
  return input
}

const token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' }
const block = { poolId: '', blockId: 7n, generationStamp: 1001n }
const readSmall = captured('read-small-038-dn2.s2c')
const writeSync = captured('write-sync-035-dn2.c2s')
const pipeline = captured('write-pipeline2-032-dn2.c2s').subarray(0, 400)

function readerOf(length: number, offset = 0): BlockReadClientSession {
  const request = { block, token, clientName: 'c', offset, length }
  return new BlockReadClientSession(request, portableKernel, undefined, dataTransfer17)
}

/** Everything that a read session tells, data as hex. */
function tellRead(chunks: readonly Uint8Array[], length: number): string[] {
  const session = readerOf(length)
  const told: string[] = []
  for (const chunk of chunks) {
    session.input.push(chunk)
    for (let event = session.next(); event !== undefined; event = session.next()) {
      told.push(
        event.kind === 'data'
          ? `${event.offset} ${Buffer.from(event.data).toString('hex')}`
          : JSON.stringify(event),
      )
    }
  }
  return told
}

/** Everything that the receiving end of a write tells. */
function tellWrite(chunks: readonly Uint8Array[]): string[] {
  const input = new ReceiveBuffer({ maxBytes: packetBytesMax * 2 })
  const told: string[] = []
  let session: BlockWriteServerSession | undefined
  for (const chunk of chunks) {
    input.push(chunk)
    if (session === undefined) {
      const operation = dataTransferVersionAt(input)?.takeOperation(input)
      if (operation === undefined) continue
      if (operation.name !== 'WRITE_BLOCK') return told
      told.push(`${operation.name} ${operation.request.targets.length}`)
      session = new BlockWriteServerSession(operation.request, 0, input, dataTransfer17)
    }
    for (let packet = session.next(); packet !== undefined; packet = session.next()) {
      const bad = session.verify(packet, portableKernel)
      told.push(`${JSON.stringify(packet.header)} ${bad} ${Buffer.from(packet.data).toString('hex')}`)
    }
  }
  return told
}

/** Runs `work`, which may only throw `ProtocolError`. */
function survives(work: () => void): void {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error))
    assert.match(error.code, /^ERR_(XFER|BYTES|WRITABLE|PROTO)_/)
  }
}

test('a read split anywhere tells the same as in one piece', () => {
  const whole = tellRead([readSmall], 5000)
  assert.equal(whole.length, 4)
  for (const chunks of splits(readSmall)) assert.deepEqual(tellRead(chunks, 5000), whole)
})

test('a write split anywhere tells the same as in one piece', () => {
  const whole = tellWrite([writeSync])
  assert.equal(whole.length, 4)
  for (const chunks of splits(writeSync)) assert.deepEqual(tellWrite(chunks), whole)
  const withTarget = tellWrite([pipeline])
  assert.deepEqual(withTarget, ['WRITE_BLOCK 1'])
  for (const chunks of splits(pipeline)) assert.deepEqual(tellWrite(chunks), withTarget)
})

test('truncated traffic tells a part and waits for the rest', () => {
  const read = tellRead([readSmall], 5000)
  for (const bytes of truncations(readSmall)) {
    const told = tellRead([bytes], 5000)
    assert.ok(told.length < read.length)
    assert.deepEqual(told, read.slice(0, told.length))
  }
  const write = tellWrite([writeSync])
  for (const bytes of truncations(writeSync)) {
    const told = tellWrite([bytes])
    assert.deepEqual(told, write.slice(0, told.length))
  }
})

test('mutated traffic ends in values or in a ProtocolError', () => {
  const random = seededRandom(17)
  const rounds = Number(process.env.CAIRN_FUZZ_ROUNDS ?? 3000)
  const answers = readdirSync(folder)
    .filter((name) => /-dn[12]\.s2c\.bin\.gz$/.test(name) && /^(write|checksum)/.test(name))
    .map((name) => captured(name.slice(0, -'.bin.gz'.length)))
  for (let round = 0; round < rounds; round++) {
    survives(() => tellRead([mutated(readSmall.subarray(0, 800), random)], 5000))
    survives(() => tellRead([mutated(readSmall, random)], 5000))
    survives(() => tellWrite([mutated(writeSync.subarray(0, 900), random)]))
    survives(() => tellWrite([mutated(pipeline, random)]))
    const answer = bufferOf(mutated(answers[round % answers.length]!, random))
    survives(() => {
      dataTransfer17.takeResponse('WRITE_BLOCK', answer)
      while (dataTransfer17.takeAck(answer) !== undefined);
    })
    const sum = bufferOf(mutated(answers[0]!, random))
    survives(() => dataTransfer17.takeResponse('BLOCK_CHECKSUM', sum))
    survives(() => dataTransfer17.takeReadStatus(sum))
  }
})

/** An operation's head and what the case puts behind it. */
function operation(code: number, write: (writer: ByteWriter) => void): ReceiveBuffer {
  const writer = new ByteWriter()
  writer.u16be(17)
  writer.u8(code)
  writer.i64be(7n)
  writer.i64be(1001n)
  write(writer)
  return bufferOf(writer.take())
}

// [xfer17.op.1] [xfer17.op.6] [xfer.op.2] [xfer.op.3] [xfer.op.4]
test('operations out of bounds are refused as soon as that shows', () => {
  const refuses = (code: string, input: ReceiveBuffer) =>
    assert.throws(() => dataTransferVersionAt(input)?.takeOperation(input), { code })
  refuses('ERR_XFER_VERSION', bufferOf(Uint8Array.of(0, 18)))
  refuses('ERR_XFER_OPERATION', bufferOf(Uint8Array.of(0, 17, 82)))
  refuses('ERR_XFER_OPERATION', bufferOf(Uint8Array.of(0, 17, 86)))
  const targets = (count: number) => (writer: ByteWriter) => {
    for (const byte of [0, 0, 0, 1, 0, 1, 0x63, 0]) writer.u8(byte)
    writer.i32be(count)
  }
  refuses('ERR_XFER_TARGETS', operation(80, targets(targetsMax + 1)))
  refuses('ERR_XFER_TARGETS', operation(80, targets(-1)))
  const flag = (writer: ByteWriter) => {
    writer.i32be(1)
    writer.u8(2)
  }
  refuses('ERR_XFER_BOOLEAN', operation(80, flag))
  // A text of 2 GiB: its length alone is too much.
  const text = (writer: ByteWriter) => {
    writer.bytes(new Uint8Array(16))
    for (const byte of [0x8c, 0x7f, 0xff, 0xff, 0xff]) writer.u8(byte)
  }
  refuses('ERR_WRITABLE_TEXT', operation(81, text))
  // A token identifier that never ends is not waited for beyond the limit.
  const identifier = (bytes: number) => (writer: ByteWriter) => {
    writer.bytes(new Uint8Array(17))
    for (const byte of [0x8d, 0xf4, 0x24, 0]) writer.u8(byte)
    writer.bytes(new Uint8Array(bytes))
  }
  const waiting = operation(81, identifier(1000))
  assert.equal(dataTransferVersionAt(waiting)?.takeOperation(waiting), undefined)
  refuses('ERR_XFER_MESSAGE_TOO_LARGE', operation(81, identifier(operation17BytesMax)))
})

test('operations that Hadoop 1 does not have are not sent', () => {
  const request = { header: { baseHeader: { block, token }, clientName: 'c' } }
  const send = () =>
    dataTransfer17.encodeOperation('TRANSFER_BLOCK', {
      ...request,
      targets: [],
      targetStorageTypes: [],
      targetStorageIds: [],
    })
  assert.throws(send, { code: 'ERR_XFER_OPERATION', side: 'local' })
})

interface PacketCase {
  readonly offset?: number
  readonly seqno?: number
  readonly last?: boolean
  readonly data?: Uint8Array
}

function packetBytes({
  offset = 0,
  seqno = 0,
  last = false,
  data = new Uint8Array(),
}: PacketCase): Uint8Array {
  const sums = new Uint8Array(Math.ceil(data.length / 512) * 4)
  portableKernel.compute('CRC32', data, 512, sums)
  const header = {
    offsetInBlock: offset,
    seqno,
    lastPacketInBlock: last,
    dataLen: data.length,
    syncBlock: false,
  }
  return Buffer.concat([packetHeadOf(dataTransfer17.packets, header, sums), data])
}

const mark = dataTransfer17.packets.endMark

function readAll(length: number, pieces: readonly Uint8Array[], offset = 0): void {
  const answer = {
    status: Status.SUCCESS,
    readOpChecksumInfo: { checksum: { type: 1, bytesPerChecksum: 512 }, chunkOffset: 0n },
  }
  const session = readerOf(length, offset)
  session.input.push(dataTransfer17.encodeResponse('READ_BLOCK', answer))
  for (const piece of pieces) session.input.push(piece)
  while (session.next() !== undefined);
  assert.equal(session.finished, true)
  assert.equal(session.keepsConnection, false)
}

// [xfer17.packet.1] [xfer17.packet.2] [xfer17.read.1] [xfer17.read.2]
test('a reader takes what Hadoop 1 sends and refuses what it does not', () => {
  const data = patternBytes(1024)
  const both = [
    packetBytes({ data: data.subarray(0, 512) }),
    packetBytes({ offset: 512, seqno: 1, last: true, data: data.subarray(512) }),
  ]
  readAll(1024, [...both, mark])
  readAll(600, [...both, mark])
  // A peer that does not say which packet is the last has still sent all.
  readAll(1024, [packetBytes({ data }), mark])
  const refuses = (code: string, pieces: readonly Uint8Array[]) =>
    assert.throws(() => readAll(1024, pieces), { code })
  refuses('ERR_XFER_READ_SHORT', [mark])
  refuses('ERR_XFER_READ_SHORT', [packetBytes({ data: data.subarray(0, 512) }), mark])
  refuses('ERR_XFER_READ_SHORT', [packetBytes({ data: data.subarray(0, 512), last: true })])
  refuses('ERR_XFER_READ_SHORT', [packetBytes({})])
  refuses('ERR_XFER_READ_TRAILER', [...both, packetBytes({ offset: 1024, seqno: 2, data })])
  refuses('ERR_XFER_READ_ORDER', [packetBytes({ data, seqno: 1 })])
  const lengths = (length: number, dataLen = 0, last = 0) => {
    const head = packetBytes({})
    const view = new DataView(head.buffer, head.byteOffset)
    view.setInt32(0, length)
    view.setUint8(20, last)
    view.setInt32(21, dataLen)
    return head
  }
  refuses('ERR_XFER_PACKET_LENGTH', [lengths(3)])
  refuses('ERR_XFER_PACKET_LENGTH', [lengths(-1)])
  refuses('ERR_XFER_PACKET_LENGTH', [lengths(packetBytesMax + 1)])
  refuses('ERR_XFER_PACKET_DATA_LENGTH', [lengths(4, 1)])
  refuses('ERR_XFER_PACKET_HEADER', [lengths(4, -1)])
  refuses('ERR_XFER_PACKET_HEADER', [lengths(4, 0, 2)])
  const beyond = packetBytes({ data })
  beyond[4] = 0x7f
  refuses('ERR_XFER_PACKET_HEADER', [beyond])
})

const writeRequest = {
  header: { baseHeader: { block, token }, clientName: 'c' },
  targets: [],
  stage: Stage.PIPELINE_SETUP_CREATE,
  pipelineSize: 1,
  minBytesRcvd: 0n,
  maxBytesRcvd: 0n,
  latestGenerationStamp: 0n,
  requestedChecksum: { type: 1, bytesPerChecksum: 512 },
  targetStorageTypes: [],
  targetPinnings: [],
  targetStorageIds: [],
}

// [xfer17.write.3]
test('only a copy between DataNodes may end without a last packet', () => {
  const receive = (clientName: string) => {
    const header = { ...writeRequest.header, clientName }
    const session = new BlockWriteServerSession(
      { ...writeRequest, header },
      0,
      bufferOf(mark),
      dataTransfer17,
    )
    const packet = session.next()
    assert.equal(session.next(), undefined)
    return packet
  }
  assert.equal(receive('')?.header.lastPacketInBlock, true)
  assert.throws(() => receive('c'), { code: 'ERR_XFER_WRITE_SHORT' })
})

// [xfer17.op.3] [xfer17.write.5]
test('a pipeline that goes on says no more than that, under the new generation stamp', () => {
  const encoded = (stage: number, latestGenerationStamp: bigint) => {
    const bytes = dataTransfer17.encodeOperation('WRITE_BLOCK', {
      ...writeRequest,
      stage,
      latestGenerationStamp,
    })
    const taken = dataTransfer17.takeOperation(bufferOf(bytes))
    assert.ok(taken?.name === 'WRITE_BLOCK')
    const { baseHeader } = taken.request.header
    return [taken.request.stage, baseHeader.block.generationStamp, taken.request.latestGenerationStamp]
  }
  assert.deepEqual(encoded(Stage.PIPELINE_SETUP_CREATE, 0n), [Stage.PIPELINE_SETUP_CREATE, 1001n, 0n])
  for (const stage of [
    Stage.PIPELINE_SETUP_APPEND,
    Stage.PIPELINE_SETUP_APPEND_RECOVERY,
    Stage.PIPELINE_SETUP_STREAMING_RECOVERY,
    Stage.PIPELINE_CLOSE_RECOVERY,
  ]) {
    assert.deepEqual(encoded(stage, 1005n), [Stage.PIPELINE_SETUP_APPEND_RECOVERY, 1005n, 1005n])
  }
})

// [xfer17.write.1] [xfer17.write.2] [xfer17.write.6]
test('a writer ends the block with an empty last packet and the mark, also after a broken pipeline', () => {
  const format = { type: 'CRC32', bytesPerChecksum: 512 } as const
  const packets = new OutgoingPackets({ kernel: portableKernel, format, version: dataTransfer17 })
  const writer = new BlockWriteClientSession(writeRequest, packets)
  writer.takeOutput()
  writer.input.push(dataTransfer17.encodeResponse('WRITE_BLOCK', { status: Status.SUCCESS }))
  assert.deepEqual(writer.next(), { kind: 'ready' })
  packets.write(patternBytes(700))
  packets.finish()
  writer.heartbeat()
  const sent = Buffer.concat(writer.takeOutput())
  const received = new BlockWriteServerSession(writeRequest, 0, bufferOf(sent), dataTransfer17)
  const seqnos = []
  for (let packet = received.next(); packet !== undefined; packet = received.next()) {
    seqnos.push(packet.header.seqno)
  }
  assert.deepEqual(seqnos, [-1, 0, 1])
  assert.equal(received.finished, true)
  assert.deepEqual(received.input.view(), mark)
  for (const seqno of seqnos) writer.input.push(received.ack(seqno, successReply))
  assert.deepEqual(writer.next(), { kind: 'acked', seqno: 0, bytesAcked: 700 })
  packets.rewind()
  const again = new BlockWriteClientSession(
    { ...writeRequest, stage: Stage.PIPELINE_CLOSE_RECOVERY, latestGenerationStamp: 1005n },
    packets,
  )
  again.takeOutput()
  again.input.push(dataTransfer17.encodeResponse('WRITE_BLOCK', { status: Status.SUCCESS }))
  assert.deepEqual(again.next(), { kind: 'ready' })
  assert.equal(Buffer.concat(again.takeOutput()).length, 29)
  again.input.push(received.ack(1, successReply))
  assert.deepEqual(again.next(), { kind: 'finished' })
})

// [xfer17.response.1] [xfer17.response.5] [xfer17.ack.1] [xfer17.ack.2] [xfer17.read.3]
test('what Hadoop 1 has no word for is ERROR or not said', () => {
  const { encodeResponse, encodeAck, takeAck, encodeReadStatus, takeReadStatus } = dataTransfer17
  const unsupported = encodeResponse('READ_BLOCK', { status: Status.ERROR_UNSUPPORTED, message: 'no' })
  assert.deepEqual(unsupported, Uint8Array.of(0, 1))
  assert.deepEqual(encodeResponse('REPLACE_BLOCK', { status: Status.IN_PROGRESS }), new Uint8Array(0))
  assert.deepEqual(
    encodeAck({ seqno: unknownSeqno, replies: [replyOfStatus(Status.OOB_RESTART)] }),
    new Uint8Array(0),
  )
  const ack = { seqno: 3, replies: [successReply, replyOfStatus(Status.ERROR_CHECKSUM)] }
  assert.deepEqual(takeAck(bufferOf(encodeAck(ack))), ack)
  assert.equal(takeReadStatus(bufferOf(encodeReadStatus(Status.CHECKSUM_OK))), Status.CHECKSUM_OK)
  assert.throws(() => takeReadStatus(bufferOf(Uint8Array.of(0, 7))), { code: 'ERR_XFER_STATUS' })
  assert.throws(() => takeAck(bufferOf(new Uint8Array(10).fill(0x7f))), { code: 'ERR_XFER_ACK_SEQNO' })
  const many = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xff)
  assert.throws(() => takeAck(bufferOf(many)), { code: 'ERR_XFER_ACK_REPLIES' })
})
