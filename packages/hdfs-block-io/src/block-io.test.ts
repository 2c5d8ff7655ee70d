import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Status } from '@cairn/hadoop-proto'
import { patternBytes } from '@cairn/testkit'
import { BlockReadError, BlockWriteError } from './block-io-error.ts'
import { blockChecksum } from './block-operations.ts'
import type { BlockReader } from './block-reader.ts'
import type { BlockWriter } from './block-writer.ts'
import type { DatanodeConnections } from './datanode-connections.ts'
import { FakeDatanode } from './fake-datanode.test-support.ts'
import { type OpenBlockReaderOptions, openBlockReader } from './open-block-reader.ts'
import { type OpenBlockWriterOptions, openBlockWriter } from './open-block-writer.ts'

const token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' }
const block = { poolId: 'BP-1', blockId: 7n, generationStamp: 1001n, numBytes: 1n << 20n }
const datanode = { host: 'fake', port: 1 }
const id = { ipAddr: 'fake', hostName: 'fake', datanodeUuid: 'u', xferPort: 1, infoPort: 2, ipcPort: 3 }

function reader(
  connections: DatanodeConnections,
  length: number,
  options: Partial<OpenBlockReaderOptions> = {},
): Promise<BlockReader> {
  return openBlockReader({
    connections,
    block,
    token,
    datanode,
    offset: 0,
    length,
    clientName: 'c',
    ...options,
  })
}

function writer(
  connections: DatanodeConnections,
  options: Partial<OpenBlockWriterOptions> = {},
): Promise<BlockWriter> {
  return openBlockWriter({
    connections,
    block,
    token,
    pipeline: [{ id }],
    stage: 6,
    clientName: 'c',
    checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
    ...options,
  })
}

// A socket would keep the process alive while it waits; connections in memory do not.
const alive = setInterval(() => {}, 10_000)
after(() => clearInterval(alive))

/** Lets everything happen that needs no more than what is here. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

test('read fills the given buffer whatever pieces arrive in, then gives 0', async () => {
  const data = patternBytes(50_000)
  for (const chunkBytes of [1, 7, 1000, 8192, 100_000]) {
    const fake = new FakeDatanode(data, chunkBytes)
    await using connections = fake.connections()
    for (const pieceBytes of [50_000, 60_000, 4096, 999]) {
      if (chunkBytes === 1 && pieceBytes < 50_000) continue
      const open = await reader(connections, 50_000)
      const whole: Uint8Array[] = []
      for (;;) {
        const into = new Uint8Array(pieceBytes)
        const count = await open.read(into)
        if (count === 0) break
        whole.push(into.subarray(0, count))
      }
      assert.equal(Buffer.compare(Buffer.concat(whole), data), 0, `${chunkBytes} ${pieceBytes}`)
      await open.close()
    }
    await settled()
    assert.equal(fake.connectionCount, 1, 'one connection served all reads')
    assert.ok(fake.readStatuses.every((status) => status === Status.CHECKSUM_OK))
  }
})

test('nextChunk gives the range as views, on the same connection again and again', async () => {
  const data = patternBytes(100_000)
  const fake = new FakeDatanode(data, 3000)
  await using connections = fake.connections()
  for (const [offset, length] of [
    [0, 100_000],
    [511, 2],
    [99_999, 1],
    [12_345, 54_321],
  ] as const) {
    const open = await reader(connections, length, { offset })
    const parts: Uint8Array[] = []
    for (let chunk = await open.nextChunk(); chunk !== undefined; chunk = await open.nextChunk()) {
      parts.push(chunk.slice())
    }
    await open.close()
    assert.equal(Buffer.compare(Buffer.concat(parts), data.subarray(offset, offset + length)), 0)
  }
  assert.equal(fake.connectionCount, 1)
})

test('[xfer.op.5] closing with all bytes delivered keeps the connection, closing before drops it', async () => {
  const fake = new FakeDatanode(patternBytes(20_000), 500)
  await using connections = fake.connections()
  const whole = await reader(connections, 20_000)
  assert.equal(await whole.read(new Uint8Array(20_000)), 20_000)
  await whole.close()
  await settled()
  const half = await reader(connections, 20_000)
  await half.read(new Uint8Array(100))
  await half.close()
  await half.close()
  assert.throws(() => half.read(new Uint8Array(1)), { code: 'ERR_BLOCK_CLOSED' })
  await settled()
  await (await reader(connections, 20_000)).close()
  assert.equal(fake.connectionCount, 2)
})

test('a slow reader does not make the receive buffer grow', async () => {
  const data = patternBytes(4_000_000)
  const fake = new FakeDatanode(data, 65_536)
  await using connections = fake.connections()
  const open = await reader(connections, data.length)
  await settled()
  const server = fake.open[0]
  assert.ok(server !== undefined && server.bufferedBytes > 3_000_000, 'most of it still waits to be received')
  const into = new Uint8Array(data.length)
  const pending = open.read(into)
  assert.throws(() => open.nextChunk(), /await it first/)
  assert.equal(await pending, data.length)
  assert.equal(Buffer.compare(into, data), 0)
})

test('a corrupt chunk is an error with its offset; the packets before it are delivered, its own is not', async () => {
  const content = patternBytes(50_000)
  const fake = new FakeDatanode(content)
  fake.faults = { corruptAt: 20_000 }
  await using connections = fake.connections()
  const open = await reader(connections, 50_000)
  const into = new Uint8Array(50_000)
  const count = await open.read(into)
  assert.ok(count > 0 && count <= 19_968)
  assert.deepEqual(into.subarray(0, count), content.subarray(0, count))
  await assert.rejects(
    async () => open.read(into),
    (error: unknown) => {
      assert.ok(error instanceof BlockReadError)
      assert.equal(error.kind, 'checksum')
      assert.equal(error.code, 'ERR_BLOCK_CHECKSUM')
      assert.equal(error.offset, 19_968)
      assert.deepEqual(error.datanode, datanode)
      return true
    },
  )
  assert.throws(() => open.read(new Uint8Array(1)), { code: 'ERR_BLOCK_CHECKSUM' })
  const unverified = await reader(connections, 50_000, { verifyChecksums: false })
  assert.equal(await unverified.read(new Uint8Array(50_000)), 50_000)
  await unverified.close()
  // The status leaves a turn later, unless the next operation takes it along.
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
  assert.deepEqual(fake.readStatuses, [Status.SUCCESS])
})

test('refusals, early ends and silence are told apart', async () => {
  const fake = new FakeDatanode(patternBytes(50_000))
  await using connections = fake.connections()
  fake.faults = { status: Status.ERROR_ACCESS_TOKEN }
  await assert.rejects(reader(connections, 10), {
    code: 'ERR_BLOCK_TOKEN',
    status: Status.ERROR_ACCESS_TOKEN,
  })
  fake.faults = { status: Status.ERROR }
  await assert.rejects(reader(connections, 10), { code: 'ERR_BLOCK_STATUS' })
  fake.faults = { closeAt: 16_384 }
  const open = await reader(connections, 50_000)
  assert.equal(await open.read(new Uint8Array(50_000)), 16_384)
  await assert.rejects(async () => open.read(new Uint8Array(50_000)), { code: 'ERR_BLOCK_CLOSED' })
  fake.faults = { silent: true }
  await assert.rejects(reader(connections, 10, { timeoutMs: 1 }), { code: 'ERR_BLOCK_TIMEOUT' })
})

// [xfer.sum.3]
test('a checksum whose type the DataNode does not say has the type that a read tells', async () => {
  const fake = new FakeDatanode(patternBytes(5000))
  await using connections = fake.connections()
  const sum = await blockChecksum({ connections, block, token, datanode })
  assert.deepEqual(sum.format, { type: 'CRC32C', bytesPerChecksum: 512 })
  fake.replica = new Uint8Array(0)
  assert.equal((await blockChecksum({ connections, block, token, datanode })).crcPerBlock, 0)
})

test('an idle connection that the DataNode closed is replaced without a word', async () => {
  const fake = new FakeDatanode(patternBytes(5000))
  await using connections = fake.connections()
  const first = await reader(connections, 5000)
  await first.read(new Uint8Array(5000))
  await first.close()
  await settled()
  // Unseen by us until we use it: the end arrives together with our next operation.
  const [server] = fake.open
  const again = reader(connections, 5000)
  server?.destroy()
  const into = new Uint8Array(5000)
  assert.equal(await (await again).read(into), 5000)
  assert.equal(fake.connectionCount, 2)
})

test('aborting rejects with the reason and drops the connection', async () => {
  const fake = new FakeDatanode(patternBytes(50_000))
  await using connections = fake.connections()
  const reason = new Error('enough')
  await assert.rejects(reader(connections, 10, { signal: AbortSignal.abort(reason) }), reason)
  fake.faults = { silent: true }
  const controller = new AbortController()
  const pending = reader(connections, 10, { signal: controller.signal })
  await settled()
  controller.abort(reason)
  await assert.rejects(pending, reason)
  const write = writer(connections, { signal: AbortSignal.abort(reason) })
  await assert.rejects(write, reason)
})

test('write, flush and close bring every byte to the DataNode', async () => {
  const data = patternBytes(700_000)
  const fake = new FakeDatanode(new Uint8Array(0), 5000)
  await using connections = fake.connections()
  const open = await writer(connections, { packetDataBytes: 4096, windowPackets: 8 })
  await open.write(data.subarray(0, 700))
  await open.flush()
  assert.equal(open.bytesAcked, 700)
  await open.write(data.subarray(700))
  await open.flush({ sync: true })
  assert.equal(open.bytesAcked, data.length)
  await open.close()
  await open.close()
  assert.equal(Buffer.compare(fake.replica, data), 0)
  assert.throws(() => open.write(data), { code: 'ERR_BLOCK_CLOSED' })
})

test('a full window makes write wait; memory stays bounded', async () => {
  const fake = new FakeDatanode(new Uint8Array(0))
  fake.faults = { acksMax: 0 }
  await using connections = fake.connections()
  const open = await writer(connections, { packetDataBytes: 1024, windowPackets: 4 })
  const pending = open.write(patternBytes(10_000))
  assert.ok(pending instanceof Promise)
  await settled()
  assert.equal(open.packets.unackedCount, 4)
  assert.equal(open.packets.bytesWritten, 4096)
  assert.throws(() => open.write(patternBytes(1)), /await it first/)
  open.abort()
  await assert.rejects(pending, { code: 'ERR_BLOCK_CLOSED' })
  await assert.rejects(async () => open.flush(), { code: 'ERR_BLOCK_CLOSED' })
})

test('a failed node rejects everything with its index; the packets go through the next pipeline', async () => {
  const data = patternBytes(30_000)
  const fake = new FakeDatanode(new Uint8Array(0))
  fake.faults = { badReply: { seqno: 2, status: Status.ERROR_CHECKSUM } }
  await using connections = fake.connections()
  const first = await writer(connections, { packetDataBytes: 1024, windowPackets: 16 })
  const failure = await (async () => {
    await first.write(data.subarray(0, 20_000))
    await first.flush()
  })().catch((error: unknown) => error)
  assert.ok(failure instanceof BlockWriteError)
  assert.equal(failure.kind, 'node')
  assert.equal(failure.failedNodeIndex, 0)
  assert.equal(failure.status, Status.ERROR_CHECKSUM)
  assert.equal(first.failure, failure)
  const { packets } = first
  assert.equal(packets.bytesAcked, 2048)
  fake.faults = {}
  fake.replica = fake.replica.slice(0, packets.bytesAcked)
  const second = await writer(connections, { stage: 3, packets, minBytesRcvd: packets.bytesAcked })
  await second.write(data.subarray(packets.bytesWritten))
  await second.close()
  assert.equal(Buffer.compare(fake.replica, data), 0)
})

test('a refused pipeline names the node that could not be reached', async () => {
  const fake = new FakeDatanode(new Uint8Array(0))
  fake.faults = { status: Status.ERROR, firstBadLink: 'other:9' }
  await using connections = fake.connections()
  const other = { ...id, ipAddr: 'other', xferPort: 9 }
  const failure = await writer(connections, { pipeline: [{ id }, { id }, { id: other }] }).catch(
    (error: unknown) => error,
  )
  assert.ok(failure instanceof BlockWriteError)
  assert.equal(failure.kind, 'node')
  assert.equal(failure.failedNodeIndex, 2)
})

test('a silent DataNode is sent heartbeats, then given up', async () => {
  const fake = new FakeDatanode(new Uint8Array(0))
  fake.faults = { acksMax: 0 }
  await using connections = fake.connections()
  const open = await writer(connections, { heartbeatMs: 1, timeoutMs: 400 })
  await open.write(patternBytes(100))
  await assert.rejects(open.flush(), { code: 'ERR_BLOCK_TIMEOUT' })
  assert.ok(fake.received.includes(-1))
})
