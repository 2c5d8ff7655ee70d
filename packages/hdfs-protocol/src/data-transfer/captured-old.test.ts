/** Sessions of both ends against real traffic of Hadoop 1.2.1 and 2.0.0-alpha: what Java sent is what they send and take. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import { type OpReadBlockProto, type OpWriteBlockProto, Status } from '@cairn/hadoop-proto'
import { BlockReadClientSession } from './block-read-client.ts'
import { BlockReadServerSession } from './block-read-server.ts'
import { BlockWriteServerSession } from './block-write-server.ts'
import { decodeChecksumFormat } from './checksum-format.ts'
import type { DataTransferVersion } from './data-transfer-version.ts'
import { dataTransferVersionAt } from './data-transfer-versions.ts'
import { type NodeReply, type PipelineAck, successReply } from './pipeline-ack.ts'

interface Connection {
  readonly name: string
  readonly version: DataTransferVersion
  readonly sent: ReceiveBuffer
  readonly got: ReceiveBuffer
}

function bufferOf(bytes: Uint8Array): ReceiveBuffer {
  const input = new ReceiveBuffer({ maxBytes: bytes.length + 1 })
  input.push(bytes)
  return input
}

function* connectionsOf(release: string): Generator<Connection> {
  const folder = new URL(`../../test-data/${release}/`, import.meta.url)
  for (const file of readdirSync(folder)) {
    const [, name] = /^(.*-dn\d)\.c2s\.bin\.gz$/.exec(file) ?? []
    if (name === undefined) continue
    const [sent, got] = ['c2s', 's2c'].map((direction) =>
      bufferOf(gunzipSync(readFileSync(new URL(`${name}.${direction}.bin.gz`, folder)))),
    ) as [ReceiveBuffer, ReceiveBuffer]
    const version = dataTransferVersionAt(sent)
    assert.ok(version)
    yield { name, version, sent, got }
  }
}

const token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' }

/** Gives the reader what Java answered, and has our sender say the same in packets of the same sizes. */
function readAgain({ version, sent, got }: Connection, request: OpReadBlockProto): void {
  const { baseHeader, clientName } = request.header
  const [offset, length] = [Number(request.offset), Number(request.len)]
  const { cachingStrategy, sendChecksums } = request
  const { block } = baseHeader
  const asked = { block, token, clientName, offset, length, cachingStrategy, sendChecksums }
  const whole = got.view()
  const client = new BlockReadClientSession(asked, kernel, bufferOf(whole), version)
  const operation = bufferOf(client.takeOutput() ?? new Uint8Array())
  assert.equal(version.takeOperation(operation)?.name, 'READ_BLOCK')
  while (client.next() !== undefined);
  assert.ok(client.finished)
  const status = client.takeOutput() ?? new Uint8Array()
  assert.deepEqual(status, sent.view(0, status.length))
  sent.consume(status.length)
  got.consume(got.length - client.input.length)
  const answered = whole.subarray(0, whole.length - got.length)

  const input = bufferOf(answered)
  const info = version.takeResponse('READ_BLOCK', input)?.readOpChecksumInfo
  assert.ok(info)
  const packets = []
  while (input.length > 0 && !version.packets.takeEndMark(input)) {
    const packet = version.packets.take(input)
    if (packet === undefined) break
    if (packet.data.length > 0) packets.push(packet)
  }
  const last = packets.at(-1)!.header
  const server = new BlockReadServerSession(
    {
      offset,
      length,
      replicaBytes: Math.max(offset + length, last.offsetInBlock + last.dataLen),
      format: decodeChecksumFormat(info.checksum),
      sendChecksums: true,
    },
    version,
  )
  const again = [server.response()]
  for (const { data, checksums } of packets) again.push(server.packetHead(data.length, checksums), data)
  again.push(server.lastPacket())
  assert.deepEqual(Buffer.concat(again), Buffer.from(answered))
}

/** Replies as releases before 2.6 give them: without flags and times. */
function withoutHints(version: DataTransferVersion, bytes: Uint8Array): Uint8Array {
  const ack = version.takeAck(bufferOf(bytes))
  assert.ok(ack)
  return version.encodeAck({ ...ack, downstreamAckTimeNanos: undefined, flagged: false })
}

/** Takes the packets as a DataNode does, and acknowledges those that were. */
function writeAgain({ name, version, sent, got }: Connection, request: OpWriteBlockProto): void {
  const position = name.startsWith('append') ? Number.MAX_SAFE_INTEGER : 0
  const server = new BlockWriteServerSession(request, position, sent, version)
  const seqnos: number[] = []
  for (let packet = server.next(); packet !== undefined; packet = server.next()) {
    assert.equal(server.verify(packet, kernel), -1)
    seqnos.push(packet.header.seqno)
  }
  assert.equal(server.finished, !name.startsWith('write-abandoned'))
  while (version.packets.takeEndMark(sent));
  if (request.header.clientName === '') return
  const response = server.response()
  assert.deepEqual(response, got.view(0, response.length))
  got.consume(response.length)
  const replies: readonly NodeReply[] = request.targets.map(() => successReply)
  for (const seqno of seqnos) {
    const below: PipelineAck = { seqno, replies }
    const ack = withoutHints(version, server.ack(seqno, successReply, below))
    assert.deepEqual(ack, got.view(0, ack.length), `${seqno}`)
    got.consume(ack.length)
  }
}

for (const release of ['1.2.1', '2.0.0-alpha']) {
  // [xfer.ack.6] [xfer17.read.1] [xfer17.read.2] [xfer17.ack.1]
  test(`sessions read, send, receive and acknowledge as Hadoop ${release} did`, () => {
    let count = 0
    for (const connection of connectionsOf(release)) {
      const { name, version, sent, got } = connection
      while (sent.length > 0) {
        const operation = version.takeOperation(sent)
        assert.ok(operation, name)
        if (operation.name === 'READ_BLOCK') readAgain(connection, operation.request)
        else if (operation.name === 'WRITE_BLOCK') writeAgain(connection, operation.request)
        else assert.equal(version.takeResponse(operation.name, got)?.status, Status.SUCCESS)
      }
      assert.deepEqual([sent.length, got.length], [0, 0], name)
      count++
    }
    assert.ok(count > 15, String(count))
  })
}
