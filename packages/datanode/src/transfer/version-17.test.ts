// Hadoop 1's data transfer on our DataNodes; what real ones do is in docs/protocols/data-transfer-17.md.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { type ChecksumType, kernel } from '@cairn/checksum'
import {
  type ExtendedBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  Status,
} from '@cairn/hadoop-proto'
import {
  type BlockReadError,
  blockChecksum,
  DatanodeConnections,
  datanodeAddress,
  type OpenBlockWriterOptions,
  openBlockReader,
  openBlockWriter,
} from '@cairn/hdfs-block-io'
import { type DataTransferVersion, dataTransfer17, dataTransfer28 } from '@cairn/hdfs-protocol'
import { patternBytes } from '@cairn/testkit'
import { connectTcp } from '@cairn/transport'
import { emptyToken } from '../security/empty-token.ts'
import { TransferNode, testBlock } from '../testing/transfer-node.ts'

const connections = new DatanodeConnections()
const nodes: TransferNode[] = []
const token = emptyToken()

after(async () => {
  await connections.close()
  await Promise.all(nodes.map((node) => node.stop()))
})

async function start(count: number): Promise<TransferNode[]> {
  const started = await Promise.all(Array.from({ length: count }, () => TransferNode.start()))
  nodes.push(...started)
  return started
}

/** How a client of Hadoop 1 names a block. */
function block1(blockId: bigint, generationStamp = 1001n): ExtendedBlockProto {
  return { poolId: '', blockId, generationStamp }
}

async function write(
  blockId: bigint,
  pipeline: readonly TransferNode[],
  data: Uint8Array,
  more: Partial<OpenBlockWriterOptions> = {},
): Promise<void> {
  const writer = await openBlockWriter({
    connections,
    block: block1(blockId),
    token,
    pipeline: pipeline.map(({ info }) => info),
    stage: Stage.PIPELINE_SETUP_CREATE,
    clientName: 'hadoop-1',
    checksum: { type: 'CRC32', bytesPerChecksum: 512 },
    dataTransfer: dataTransfer17,
    ...more,
  })
  await writer.write(data)
  await writer.close()
}

async function read(
  node: TransferNode,
  blockId: bigint,
  range: { offset: number; length: number },
  more: { dataTransfer?: DataTransferVersion; verifyChecksums?: boolean } = {},
): Promise<{ type: ChecksumType; bytes: Uint8Array }> {
  const dataTransfer = more.dataTransfer ?? dataTransfer17
  const reader = await openBlockReader({
    connections,
    block: dataTransfer === dataTransfer17 ? block1(blockId) : testBlock(blockId),
    token,
    datanode: datanodeAddress(node.info),
    clientName: 'hadoop-1',
    dataTransfer,
    ...range,
    ...more,
  })
  const bytes = new Uint8Array(range.length)
  const count = await reader.read(bytes)
  await reader.close()
  assert.equal(count, range.length)
  return { type: reader.checksum.type, bytes }
}

function md5OfCrcs(type: ChecksumType, data: Uint8Array): Uint8Array {
  const sums = new Uint8Array(Math.ceil(data.length / 512) * 4)
  kernel.compute(type, data, 512, sums)
  return Uint8Array.from(createHash('md5').update(sums).digest())
}

function sumOf(node: TransferNode, blockId: bigint) {
  const datanode = datanodeAddress(node.info)
  return blockChecksum({ connections, datanode, block: block1(blockId), token, dataTransfer: dataTransfer17 })
}

describe('a data transfer server and version 17', () => {
  // [xfer17.op.8] [xfer17.write.4]
  test('a pipeline of three has what was written, and both versions read it', async () => {
    const pipeline = await start(3)
    const data = patternBytes(700_001)
    await write(1n, pipeline, data)
    for (const node of pipeline) {
      assert.deepEqual(node.bytes(1n), data)
      assert.deepEqual(node.told, ['receiving 1', 'received 1 700001'])
    }
    const last = pipeline[2]!
    for (const [offset, length] of [
      [0, 700_001],
      [0, 1],
      [511, 2],
      [512, 512],
      [700_000, 1],
    ] as const) {
      const expected = { type: 'CRC32', bytes: data.subarray(offset, offset + length) }
      assert.deepEqual(await read(last, 1n, { offset, length }), expected)
      assert.deepEqual(await read(last, 1n, { offset, length }, { dataTransfer: dataTransfer28 }), expected)
      const unverified = await read(last, 1n, { offset, length }, { verifyChecksums: false })
      assert.deepEqual(unverified, expected)
    }
    assert.deepEqual((await sumOf(last, 1n)).bytes, md5OfCrcs('CRC32', data))
  })

  // [xfer17.checksum.2]
  test('CRC32C is turned into CRC32, and found wrong where it is', async () => {
    const [node] = (await start(1)) as [TransferNode]
    const data = patternBytes(3_000_123)
    await write(2n, [node], data, {
      block: testBlock(2n),
      checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
      dataTransfer: dataTransfer28,
    })
    const range = { offset: 0, length: data.length }
    assert.deepEqual(await read(node, 2n, range), { type: 'CRC32', bytes: data })
    const some = { offset: 2_999_000, length: 1000 }
    assert.deepEqual((await read(node, 2n, some)).bytes, data.subarray(2_999_000, 3_000_000))
    const sum = await sumOf(node, 2n)
    assert.deepEqual(sum.bytes, md5OfCrcs('CRC32', data))
    assert.equal(sum.crcPerBlock, Math.ceil(data.length / 512))
    node.flip(2n, 'data', 1_000_000)
    await assert.rejects(read(node, 2n, range))
    await node.until('corrupt 2')
  })

  test('flushes, a sync and an empty block', async () => {
    const pipeline = await start(2)
    const writer = await openBlockWriter({
      connections,
      block: block1(3n),
      token,
      pipeline: pipeline.map(({ info }) => info),
      stage: Stage.PIPELINE_SETUP_CREATE,
      clientName: 'hadoop-1',
      checksum: { type: 'CRC32', bytesPerChecksum: 512 },
      dataTransfer: dataTransfer17,
    })
    await writer.write(patternBytes(700))
    await writer.flush()
    assert.deepEqual((await read(pipeline[1]!, 3n, { offset: 0, length: 700 })).bytes, patternBytes(700))
    await writer.flush({ sync: true })
    await writer.write(patternBytes(2300, 700))
    await writer.close()
    assert.deepEqual(pipeline[0]!.bytes(3n), patternBytes(3000))
    await write(4n, pipeline, new Uint8Array(0))
    assert.equal(pipeline[1]!.store.find(4n)?.state, 'FINALIZED')
  })

  // [xfer17.write.5]
  test('a recovered replica is gone on with, whether it was complete or not', async () => {
    const [node] = (await start(1)) as [TransferNode]
    await write(5n, [node], patternBytes(1000))
    const packets = { stage: Stage.PIPELINE_SETUP_APPEND_RECOVERY, latestGenerationStamp: 1001n }
    await write(5n, [node], patternBytes(500, 1000), { ...packets, startOffset: 1000 })
    assert.deepEqual(node.bytes(5n), patternBytes(1500))
    assert.equal(node.store.find(5n)?.generationStamp, 1001n)
  })

  test('refusals say no more than a status', async () => {
    const pipeline = await start(2)
    const missing = read(pipeline[0]!, 9n, { offset: 0, length: 1 })
    await assert.rejects(missing, (error: BlockReadError) => error.status === Status.ERROR)
    await pipeline[1]!.server.close()
    await assert.rejects(write(10n, pipeline, patternBytes(10)), { failedNodeIndex: 1 })
    await write(11n, [pipeline[0]!], patternBytes(10))
    await assert.rejects(write(11n, [pipeline[0]!], patternBytes(10)), { failedNodeIndex: 0 })
  })

  test('two pools: nobody knows which one is meant', async () => {
    const [node] = (await start(1)) as [TransferNode]
    await write(12n, [node], patternBytes(10))
    const other = { blockPoolId: 'BP-2-127.0.0.1-2', namespaceId: 8, clusterId: 'CID-test', cTime: 2n }
    await node.storage.openPool(other)
    await assert.rejects(read(node, 12n, { offset: 0, length: 10 }), { status: Status.ERROR })
  })

  // [xfer17.op.5] [xfer17.response.5] [xfer17.copy.1]
  test('a move fetches the replica and tells of the one that may go', async () => {
    const [from, to] = (await start(2)) as [TransferNode, TransferNode]
    const data = patternBytes(200_000)
    await write(13n, [from], data)
    const request = { header: { block: block1(13n), token }, delHint: 'DS-old', source: from.info }
    const answer = await exchange(to, dataTransfer17.encodeOperation('REPLACE_BLOCK', request))
    assert.deepEqual(answer, Buffer.from([0, 0]))
    assert.deepEqual(to.bytes(13n), data)
    const copied = await exchange(
      from,
      dataTransfer17.encodeOperation('COPY_BLOCK', { header: { block: block1(13n), token } }),
    )
    assert.deepEqual(copied.subarray(0, 7), Buffer.from([0, 0, 1, 0, 0, 2, 0]))
    assert.deepEqual(copied.subarray(-6), Buffer.from([0, 0, 0, 0, 0, 0x64]))
    const none = { header: { block: block1(14n), token }, delHint: 'DS-old', source: from.info }
    const refused = await exchange(to, dataTransfer17.encodeOperation('REPLACE_BLOCK', none))
    assert.deepEqual(refused, Buffer.from([0, 1]))
  })
})

/** Sends an operation and gives everything that comes until the node closes. */
async function exchange(node: TransferNode, operation: Uint8Array): Promise<Buffer> {
  const connection = await connectTcp({ host: '127.0.0.1', port: node.port })
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  connection.start({ input, onReceive: () => {}, onClose: () => {} })
  connection.write(operation)
  await connection.done
  return Buffer.from(input.view())
}
