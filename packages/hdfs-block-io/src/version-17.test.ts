/** A DataNode of Hadoop 1 closes the connection behind a block: the reader has to have what was sent before. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import { BlockReadServerSession, dataTransfer17 } from '@cairn/hdfs-protocol'
import { patternBytes } from '@cairn/testkit'
import { type Connection, type Listener, listenTcp } from '@cairn/transport'
import { type BlockReader, DatanodeConnections, openBlockReader } from './index.ts'

const token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' }
const block = { poolId: '', blockId: 7n, generationStamp: 1001n }
const replica = patternBytes(200_000)
const connections = new DatanodeConnections()
const listeners: Listener[] = []

after(async () => {
  await connections.close()
  await Promise.all(listeners.map((listener) => listener.close()))
})

/** Answers a read of the whole block with all of it, or with as many bytes, and closes at once. */
async function serve(sentBytes = Number.POSITIVE_INFINITY): Promise<{ host: string; port: number }> {
  const session = new BlockReadServerSession(
    {
      offset: 0,
      length: replica.length,
      replicaBytes: replica.length,
      format: { type: 'CRC32', bytesPerChecksum: 512 },
      sendChecksums: true,
    },
    dataTransfer17,
  )
  const pieces: Uint8Array[] = [session.response()]
  while (session.position < session.end) {
    const data = replica.subarray(session.position, session.position + 65_536)
    const sums = new Uint8Array(Math.ceil(data.length / 512) * 4)
    kernel.compute('CRC32', data, 512, sums)
    pieces.push(session.packetHead(data.length, sums), data)
  }
  pieces.push(session.lastPacket())
  const bytes = Buffer.concat(pieces).subarray(0, sentBytes)
  const onConnection = (connection: Connection): void => {
    const input = new ReceiveBuffer({ maxBytes: 1 << 16 })
    connection.start({
      input,
      onReceive() {
        if (dataTransfer17.takeOperation(input) === undefined) return
        connection.write(bytes)
        connection.end()
      },
      onClose() {},
    })
  }
  const listener = await listenTcp({ host: '127.0.0.1', port: 0, onConnection, onError() {} })
  listeners.push(listener)
  return { host: listener.host, port: listener.port }
}

async function open(datanode: { host: string; port: number }): Promise<BlockReader> {
  const { length } = replica
  const dataTransfer = dataTransfer17
  return openBlockReader({
    connections,
    block,
    token,
    datanode,
    offset: 0,
    length,
    clientName: 'c',
    dataTransfer,
  })
}

async function readAll(reader: BlockReader, pieceBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for (;;) {
    const piece = new Uint8Array(pieceBytes)
    const count = await reader.read(piece)
    parts.push(piece.subarray(0, count))
    if (count < pieceBytes) return Buffer.concat(parts)
    // Meanwhile the end of the connection arrives.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

// [xfer17.op.7]
test('what was sent before the connection closed is read, in pieces and in views', async () => {
  const datanode = await serve()
  const inPieces = await open(datanode)
  assert.deepEqual(await readAll(inPieces, 10_000), Buffer.from(replica))
  await inPieces.close()
  const inViews = await open(datanode)
  const parts: Uint8Array[] = []
  for (let chunk = await inViews.nextChunk(); chunk !== undefined; chunk = await inViews.nextChunk()) {
    parts.push(chunk.slice())
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  assert.deepEqual(Buffer.concat(parts), Buffer.from(replica))
  assert.equal(connections.takeIdle(datanode), undefined)
})

test('a connection that closed too early gives what is good, then fails', async () => {
  const reader = await open(await serve(150_000))
  const into = new Uint8Array(replica.length)
  assert.equal(await reader.read(into), 131_072)
  await assert.rejects(async () => reader.read(into), { code: 'ERR_BLOCK_CLOSED' })
  const closedSoon = await open(await serve(100))
  await assert.rejects(async () => closedSoon.nextChunk(), { code: 'ERR_BLOCK_CLOSED' })
  await closedSoon.close()
})
