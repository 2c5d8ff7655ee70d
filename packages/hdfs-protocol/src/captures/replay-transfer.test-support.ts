// A recorded data transfer connection of any version: every byte is decoded, and written again by the same version from
// what was decoded.
import assert from 'node:assert/strict'
import { formatHex, ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import { OpWriteBlockProto_BlockConstructionStage as Stage, Status } from '@cairn/hadoop-proto'
import { BlockReadClientSession } from '../data-transfer/block-read-client.ts'
import { BlockReadServerSession } from '../data-transfer/block-read-server.ts'
import { BlockWriteServerSession } from '../data-transfer/block-write-server.ts'
import { decodeChecksumFormat } from '../data-transfer/checksum-format.ts'
import type { DataTransferVersion } from '../data-transfer/data-transfer-version.ts'
import { dataTransferVersionAt } from '../data-transfer/data-transfer-versions.ts'
import type { Operation } from '../data-transfer/operation.ts'
import type { Packet } from '../data-transfer/packet.ts'
import { packetHeadOf } from '../data-transfer/packet-head.ts'

/** Whether a connection is one of data transfer, in the clear. */
export function isDataTransfer(sent: Uint8Array): boolean {
  return sent.length > 2 && sent[0] === 0 && (sent[1] === 17 || sent[1] === 28)
}

interface Replay {
  readonly version: DataTransferVersion
  readonly sent: ReceiveBuffer
  readonly got: ReceiveBuffer
}

function bufferOf(bytes: Uint8Array): ReceiveBuffer {
  const input = new ReceiveBuffer({ maxBytes: bytes.length + 1 })
  input.push(bytes)
  return input
}

/** Takes with `take`, and asserts that `encode` of the result gives the bytes that were taken. */
function bothWays<T>(
  input: ReceiveBuffer,
  what: string,
  take: (input: ReceiveBuffer) => T | undefined,
  encode: (value: T) => Uint8Array,
): T {
  const before = input.view()
  const value = take(input)
  assert.ok(value !== undefined, `${what} is all here`)
  assert.equal(formatHex(encode(value)), formatHex(before.subarray(0, before.length - input.length)), what)
  return value
}

/** Decodes and encodes a whole connection; gives the operations on it. */
export function replayTransfer(sentBytes: Uint8Array, gotBytes: Uint8Array): Operation[] {
  const [sent, got] = [bufferOf(sentBytes), bufferOf(gotBytes)]
  const operations: Operation[] = []
  while (sent.length > 0) {
    const version = dataTransferVersionAt(sent)
    assert.ok(version)
    const operation = bothWays(sent, 'an operation', version.takeOperation, ({ name, request }) =>
      version.encodeOperation(name, request as never),
    )
    operations.push(operation)
    replayOperation({ version, sent, got }, operation)
  }
  assert.deepEqual([sent.length, got.length], [0, 0], 'bytes are left')
  return operations
}

function replayOperation(replay: Replay, operation: Operation): void {
  switch (operation.name) {
    case 'READ_BLOCK':
      replayRead(replay, operation.request)
      return
    case 'WRITE_BLOCK':
      replayWrite(replay, operation.request)
      return
    case 'COPY_BLOCK':
      if (takeResponse(replay, operation.name).status === Status.SUCCESS) {
        takePackets(replay, replay.got)
        replay.got.consume(2)
      }
      return
    default:
      // A move may say several times that it goes on.
      while (replay.got.length > 0) {
        if (takeResponse(replay, operation.name).status !== Status.IN_PROGRESS) return
      }
  }
}

function takeResponse({ version, got }: Replay, name: Operation['name']) {
  return bothWays(
    got,
    'an answer',
    (input) => version.takeResponse(name, input),
    (response) => version.encodeResponse(name, response),
  )
}

function encodePacket({ packets }: DataTransferVersion, { header, checksums, data }: Packet): Uint8Array {
  return Buffer.concat([packetHeadOf(packets, header, checksums), data])
}

/** All packets up to the end of the block, which may be missing. */
function takePackets({ version }: Replay, input: ReceiveBuffer): Packet[] {
  const packets: Packet[] = []
  const { endMark } = version.packets
  while (input.length > 0 && !version.packets.takeEndMark(input)) {
    const packet = bothWays(input, 'a packet', version.packets.take, (taken) => encodePacket(version, taken))
    packets.push(packet)
    if (endMark.length === 0 && packet.header.lastPacketInBlock) break
  }
  return packets
}

type RequestOf<N extends Operation['name']> = Extract<Operation, { name: N }>['request']

function replayRead(replay: Replay, request: RequestOf<'READ_BLOCK'>): void {
  const { version, sent, got } = replay
  const whole = got.view()
  const response = takeResponse(replay, 'READ_BLOCK')
  if (response.status !== Status.SUCCESS) return
  assert.ok(response.readOpChecksumInfo)
  const packets = takePackets(replay, got)
  const answered = whole.subarray(0, whole.length - got.length)
  const [offset, length] = [Number(request.offset), Number(request.len)]
  const client = new BlockReadClientSession(
    {
      block: request.header.baseHeader.block,
      token: { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' },
      clientName: request.header.clientName,
      offset,
      length,
    },
    kernel,
    bufferOf(answered),
    version,
  )
  while (client.next() !== undefined);
  assert.ok(client.finished, 'the reader has it all')
  const format = decodeChecksumFormat(response.readOpChecksumInfo.checksum)
  const ends = packets.map(({ header }) => header.offsetInBlock + header.dataLen)
  const server = new BlockReadServerSession(
    { offset, length, replicaBytes: Math.max(offset + length, ...ends), format, sendChecksums: true },
    version,
  )
  const again = [server.response()]
  for (const { data, checksums } of packets) {
    if (data.length > 0) again.push(server.packetHead(data.length, checksums), data)
  }
  again.push(server.lastPacket())
  if (request.sendChecksums ?? true) assert.equal(formatHex(Buffer.concat(again)), formatHex(answered))
  if (sent.length > 0)
    bothWays(sent, 'a read status', version.takeReadStatus, (status) => version.encodeReadStatus(status))
}

function replayWrite(replay: Replay, request: RequestOf<'WRITE_BLOCK'>): void {
  const { version, sent, got } = replay
  const isTransfer = request.stage === Stage.TRANSFER_RBW || request.stage === Stage.TRANSFER_FINALIZED
  const start = Number(request.maxBytesRcvd) || Number.MAX_SAFE_INTEGER
  const server = new BlockWriteServerSession(request, start, bufferOf(sent.view()), version)
  let verified = 0
  for (let packet = server.next(); packet !== undefined; packet = server.next()) {
    assert.equal(server.verify(packet, kernel), -1)
    verified++
  }
  const packets = takePackets(replay, sent)
  assert.equal(verified, packets.length)
  // Clients of Hadoop 1 may end a block twice.
  while (version.packets.takeEndMark(sent));
  if (request.header.clientName === '') return
  if (got.length === 0 || takeResponse(replay, 'WRITE_BLOCK').status !== Status.SUCCESS || isTransfer) return
  while (got.length > 0) bothWays(got, 'an acknowledgement', version.takeAck, version.encodeAck)
}
