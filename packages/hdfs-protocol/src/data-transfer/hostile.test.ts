/** What a peer can do wrong: cut, split, mutated, oversized, out of order. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import { portableKernel } from '@cairn/checksum'
import { type OpWriteBlockProto, PacketHeaderProto, Status } from '@cairn/hadoop-proto'
import { mutated, patternBytes, seededRandom, splits, truncations } from '@cairn/testkit'
import { BlockReadClientSession } from './block-read-client.ts'
import { BlockWriteServerSession } from './block-write-server.ts'
import { operationBytesMax, packetBytesMax, targetsMax } from './limits.ts'
import { encodeOperation, takeOperation } from './operation-request.ts'
import { encodePacketHead, takePacket } from './packet.ts'
import { decodePacketHeader, type PacketHeader, writePacketHeader } from './packet-header.ts'
import { encodePipelineAck, successReply, takePipelineAck } from './pipeline-ack.ts'
import { encodeBlockOpResponse, encodeReadStatus, takeBlockOpResponse, takeReadStatus } from './response.ts'

function captured(name: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`../../test-data/${name}.bin.gz`, import.meta.url)))
}

function bufferOf(bytes: Uint8Array): ReceiveBuffer {
  const input = new ReceiveBuffer({ maxBytes: packetBytesMax * 2 })
  input.push(bytes)
  return input
}

/** Runs `work`, which may only throw `ProtocolError`. */
function survives(work: () => void): void {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error))
    assert.match(error.code, /^ERR_(XFER|BYTES|PROTO)_/)
  }
}

const token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' }
const block = { poolId: 'BP-1', blockId: 7n, generationStamp: 1001n }
const readSmall = captured('read-small-038-dn2.s2c')
const writeSync = captured('write-sync-035-dn2.c2s')

function readerOf(length: number, offset = 0): BlockReadClientSession {
  return new BlockReadClientSession({ block, token, clientName: 'c', offset, length }, portableKernel)
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
      const operation = takeOperation(input)
      if (operation === undefined) continue
      assert.ok(operation.name === 'WRITE_BLOCK')
      told.push(operation.name)
      session = new BlockWriteServerSession(operation.request, 0, input)
    }
    for (let packet = session.next(); packet !== undefined; packet = session.next()) {
      told.push(
        `${JSON.stringify(packet.header)} ${session.verify(packet, portableKernel)} ${Buffer.from(packet.data).toString('hex')}`,
      )
    }
  }
  return told
}

test('a read split anywhere tells the same as in one piece', () => {
  const whole = tellRead([readSmall], 5000)
  assert.equal(whole.length, 3)
  for (const chunks of splits(readSmall)) assert.deepEqual(tellRead(chunks, 5000), whole)
})

test('a write split anywhere tells the same as in one piece', () => {
  const whole = tellWrite([writeSync])
  assert.equal(whole.length, 5)
  for (const chunks of splits(writeSync)) assert.deepEqual(tellWrite(chunks), whole)
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

test('mutated and random bytes end in a value or a ProtocolError', () => {
  const random = seededRandom(20)
  const seeds = [readSmall.subarray(0, 600), readSmall, writeSync, captured('write-pipeline2-032-dn1.s2c')]
  for (let round = 0; round < 6000; round++) {
    const seed = seeds[round % seeds.length]!
    const bytes = mutated(round % 3 === 0 ? seed.subarray(0, 40) : seed, random)
    survives(() => tellRead([bytes], 5000))
    survives(() => void takeOperation(bufferOf(bytes)))
    survives(() => {
      const input = bufferOf(bytes)
      while (takePacket(input) !== undefined);
    })
    survives(() => {
      const input = bufferOf(bytes)
      while (takePipelineAck(input) !== undefined);
    })
    survives(() => void takeBlockOpResponse(bufferOf(bytes)))
    survives(() => void takeReadStatus(bufferOf(bytes)))
  }
})

// [xfer.op.2] [xfer.op.3] [xfer.op.4] [xfer.delimited.1]
test('takeOperation refuses another version, an unknown operation, a length over the limit, too many targets', () => {
  const refuses = (hex: string, code: string) =>
    assert.throws(() => takeOperation(bufferOf(Buffer.from(hex, 'hex'))), { code })
  refuses('0011', 'ERR_XFER_VERSION')
  refuses('474554202f', 'ERR_XFER_VERSION')
  refuses('001cc8', 'ERR_XFER_OPERATION')
  refuses('001c52', 'ERR_XFER_OPERATION')
  refuses('001c51ffffffff7f', 'ERR_XFER_MESSAGE_TOO_LARGE')
  refuses('001c51ffffffffff01', 'ERR_XFER_MESSAGE_LENGTH')
  const over = new ByteWriter()
  over.bytes(Buffer.from('001c50', 'hex'))
  over.varint32(operationBytesMax + 1)
  refuses(Buffer.from(over.take()).toString('hex'), 'ERR_XFER_MESSAGE_TOO_LARGE')
  const id = { ipAddr: '', hostName: '', datanodeUuid: '', xferPort: 1, infoPort: 1, ipcPort: 1 }
  const request: OpWriteBlockProto = {
    header: { baseHeader: { block, token }, clientName: 'c' },
    targets: Array.from({ length: targetsMax }, () => ({ id })),
    stage: 6,
    pipelineSize: 1,
    minBytesRcvd: 0n,
    maxBytesRcvd: 0n,
    latestGenerationStamp: 0n,
    requestedChecksum: { type: 2, bytesPerChecksum: 512 },
    targetStorageTypes: [],
    targetPinnings: [],
    targetStorageIds: [],
  }
  assert.equal(takeOperation(bufferOf(encodeOperation('WRITE_BLOCK', request)))?.name, 'WRITE_BLOCK')
  request.targets.push({ id })
  refuses(Buffer.from(encodeOperation('WRITE_BLOCK', request)).toString('hex'), 'ERR_XFER_TARGETS')
})

// [xfer.packet.1] [xfer.packet.2] [xfer.packet.3] [xfer.packet.5]
test('takePacket refuses lengths out of range before the packet is here', () => {
  const refuses = (hex: string, code: string) =>
    assert.throws(() => takePacket(bufferOf(Buffer.from(hex, 'hex'))), { code })
  refuses('ffffffff', 'ERR_XFER_PACKET_LENGTH')
  refuses('00000003', 'ERR_XFER_PACKET_LENGTH')
  refuses('01000001', 'ERR_XFER_PACKET_LENGTH')
  refuses('00000004ffff', 'ERR_XFER_PACKET_HEADER_LENGTH')
  refuses('000000040000', 'ERR_XFER_PACKET_HEADER_LENGTH')
  assert.equal(takePacket(bufferOf(Buffer.from('010000000019', 'hex'))), undefined)
  const header = { offsetInBlock: 0, seqno: 0, lastPacketInBlock: false, dataLen: 10, syncBlock: false }
  const longer = Buffer.from(encodePacketHead(header, new Uint8Array(0)))
  longer.writeInt32BE(4)
  refuses(longer.toString('hex'), 'ERR_XFER_PACKET_DATA_LENGTH')
  const last = { ...header, lastPacketInBlock: true, dataLen: 1 }
  refuses(
    `${Buffer.from(encodePacketHead(last, new Uint8Array(0))).toString('hex')}00`,
    'ERR_XFER_PACKET_LAST_DATA',
  )
})

// [xfer.packet.4]
test('packet headers: the direct layout agrees with the generated codec for any values', () => {
  const random = seededRandom(3)
  const numbers = [0, 1, 255, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER]
  for (let round = 0; round < 500; round++) {
    const header: PacketHeader = {
      offsetInBlock: numbers[round % numbers.length]!,
      seqno: round % 10 === 0 ? -1 : numbers[(round * 7) % numbers.length]!,
      lastPacketInBlock: random() < 0.5,
      dataLen: Math.floor(random() * 2 ** 31),
      syncBlock: random() < 0.5,
    }
    const bytes = new Uint8Array(40)
    const written = bytes.subarray(0, writePacketHeader(bytes, 0, header))
    const oracle = PacketHeaderProto.encode({
      offsetInBlock: BigInt(header.offsetInBlock),
      seqno: BigInt(header.seqno),
      lastPacketInBlock: header.lastPacketInBlock,
      dataLen: header.dataLen,
      syncBlock: header.syncBlock || undefined,
    })
    assert.deepEqual(Buffer.from(written), Buffer.from(oracle))
    assert.deepEqual(decodePacketHeader(written), header)
    // The same message with its fields the other way round takes the general path.
    const turned = Buffer.concat([oracle.subarray(18), oracle.subarray(9, 18), oracle.subarray(0, 9)])
    assert.deepEqual(decodePacketHeader(turned), header)
  }
  const negative = PacketHeaderProto.encode({
    offsetInBlock: -1n,
    seqno: 0n,
    lastPacketInBlock: false,
    dataLen: 0,
  })
  assert.throws(() => decodePacketHeader(negative), { code: 'ERR_XFER_PACKET_HEADER' })
  assert.throws(() => decodePacketHeader(negative.subarray(0, 9)), ProtocolError)
})

/** A read of 1024 bytes at 512 in chunks of 512, with the answer and packets that the case gives. */
function readWith(
  answer: { chunkOffset?: bigint; type?: number; bytesPerChecksum?: number },
  packets: readonly { header: Partial<PacketHeader>; data?: Uint8Array; checksums?: Uint8Array }[],
): BlockReadClientSession {
  const session = readerOf(1024, 512)
  const { chunkOffset = 512n, type = 2, bytesPerChecksum = 512 } = answer
  const info = { checksum: { type, bytesPerChecksum }, chunkOffset }
  session.input.push(encodeBlockOpResponse({ status: Status.SUCCESS, readOpChecksumInfo: info }))
  for (const { header, data = new Uint8Array(0), checksums } of packets) {
    const sums = new Uint8Array(Math.ceil(data.length / 512) * 4)
    portableKernel.compute('CRC32C', data, 512, sums)
    const common = { offsetInBlock: 512, seqno: 0, lastPacketInBlock: false, syncBlock: false }
    session.input.push(encodePacketHead({ ...common, dataLen: data.length, ...header }, checksums ?? sums))
    session.input.push(data)
  }
  return session
}

function drain(session: BlockReadClientSession): void {
  while (session.next() !== undefined);
}

// [xfer.checksum.1] [xfer.packet.6] [xfer.read.2] [xfer.read.3] [xfer.read.4] [xfer.read.6]
test('BlockReadClientSession refuses answers and packets that do not fit what was asked', () => {
  const data = patternBytes(1024, 512)
  const refuses = (
    code: string,
    answer: Parameters<typeof readWith>[0],
    packets: Parameters<typeof readWith>[1] = [],
  ) => assert.throws(() => drain(readWith(answer, packets)), { code })
  refuses('ERR_XFER_READ_CHUNK_OFFSET', { chunkOffset: 0n })
  refuses('ERR_XFER_READ_CHUNK_OFFSET', { chunkOffset: 513n })
  refuses('ERR_XFER_READ_CHUNK_OFFSET', { chunkOffset: 2n ** 63n })
  refuses('ERR_XFER_CHECKSUM_TYPE', { type: 9 })
  refuses('ERR_XFER_BYTES_PER_CHECKSUM', { bytesPerChecksum: 0 })
  refuses('ERR_XFER_READ_ORDER', {}, [{ header: { seqno: 1 }, data }])
  refuses('ERR_XFER_READ_ORDER', {}, [{ header: { offsetInBlock: 0 }, data }])
  refuses('ERR_XFER_READ_ORDER', {}, [
    { header: {}, data: data.subarray(0, 100) },
    { header: { seqno: 1, offsetInBlock: 612 }, data: data.subarray(100) },
  ])
  refuses('ERR_XFER_READ_SHORT', {}, [{ header: { lastPacketInBlock: true } }])
  refuses('ERR_XFER_PACKET_CHECKSUMS_LENGTH', {}, [{ header: {}, data, checksums: new Uint8Array(4) }])
  refuses('ERR_XFER_READ_TRAILER', {}, [
    { header: {}, data },
    { header: { seqno: 1, offsetInBlock: 1536 }, data },
  ])
  const bad = data.slice()
  bad[600]! ^= 1
  const sums = new Uint8Array(8)
  portableKernel.compute('CRC32C', data, 512, sums)
  assert.throws(() => drain(readWith({}, [{ header: {}, data: bad, checksums: sums }])), {
    code: 'ERR_XFER_CHECKSUM',
    offset: 1024,
  })
})

// [xfer.response.1]
test('BlockReadClientSession reports a refusal and says nothing more', () => {
  const session = readerOf(10)
  session.input.push(encodeBlockOpResponse({ status: Status.ERROR_ACCESS_TOKEN, message: 'expired' }))
  assert.deepEqual(session.next(), {
    kind: 'refused',
    refusal: { status: Status.ERROR_ACCESS_TOKEN, message: 'expired', firstBadLink: '' },
  })
  assert.equal(session.next(), undefined)
  assert.equal(session.finished, false)
})

// [xfer.write.2] [xfer.write.3] [xfer.write.5] [xfer.packet.7]
test('BlockWriteServerSession refuses repeated packets, gaps and packets across the end of their chunk', () => {
  const request = {
    header: { clientName: 'c' },
    requestedChecksum: { type: 0, bytesPerChecksum: 512 },
  } as OpWriteBlockProto
  const common = { offsetInBlock: 0, seqno: 5, lastPacketInBlock: false, dataLen: 100, syncBlock: false }
  const receive = (...headers: Partial<PacketHeader>[]) => {
    const session = new BlockWriteServerSession(request, 0)
    for (const header of headers) {
      const whole = { ...common, ...header }
      session.input.push(encodePacketHead(whole, new Uint8Array(0)))
      session.input.push(new Uint8Array(whole.dataLen))
    }
    while (session.next() !== undefined);
    return session
  }
  assert.equal(receive({}, { seqno: 9, offsetInBlock: 100, dataLen: 412 }).position, 512)
  assert.equal(receive({}, { seqno: -1, dataLen: 0 }, { seqno: 6, offsetInBlock: 0 }).position, 100)
  assert.throws(() => receive({}, {}), { code: 'ERR_XFER_WRITE_SEQNO' })
  assert.throws(() => receive({}, { seqno: 6, offsetInBlock: 101 }), { code: 'ERR_XFER_WRITE_GAP' })
  assert.throws(() => receive({}, { seqno: 6, offsetInBlock: 100, dataLen: 413 }), {
    code: 'ERR_XFER_WRITE_BORDER',
  })
  assert.ok(receive({}, { seqno: 6, lastPacketInBlock: true, dataLen: 0, offsetInBlock: 100 }).finished)
})

// [xfer.ack.2]
test('acknowledgements: flags count where they are present, unknown numbers survive', () => {
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  const replies = [successReply, { status: Status.ERROR_CHECKSUM, congested: true, slow: true }]
  input.push(encodePipelineAck({ seqno: 3, replies, downstreamAckTimeNanos: 5n }))
  assert.deepEqual(takePipelineAck(input), { seqno: 3, replies, downstreamAckTimeNanos: 5n })
  // Without flags, as before Hadoop 2.6: seqno 1 (zig-zag 2), statuses 0 and 1.
  input.push(Buffer.from('06080210001001', 'hex'))
  assert.deepEqual(
    takePipelineAck(input)?.replies.map(({ status }) => status),
    [0, 1],
  )
  input.push(encodeReadStatus(77))
  assert.equal(takeReadStatus(input), 77)
})
