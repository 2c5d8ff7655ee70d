import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import {
  type DatanodeInfoProto,
  type ExtendedBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
} from '@cairn/hadoop-proto'
import {
  type BlockWriter,
  blockChecksum,
  DatanodeConnections,
  datanodeAddress,
  openBlockReader,
  openBlockWriter,
  transferBlock,
} from '@cairn/hdfs-block-io'
import { patternBytes } from '@cairn/testkit'
import { connectTcp } from '@cairn/transport'
import { silentLogger } from '../logger.ts'
import { emptyToken } from '../security/empty-token.ts'
import { TransferNode, testBlock } from '../testing/transfer-node.ts'
import { sendReplica } from './send-replica.ts'

const connections = new DatanodeConnections()
const nodes: TransferNode[] = []
const token = emptyToken()
const clientName = 'test-client'
const checksum = { type: 'CRC32C', bytesPerChecksum: 512 } as const

after(async () => {
  await connections.close()
  await Promise.all(nodes.map((node) => node.stop()))
})

async function start(count: number): Promise<TransferNode[]> {
  const started = await Promise.all(Array.from({ length: count }, () => TransferNode.start()))
  nodes.push(...started)
  return started
}

function openWriter(
  block: ExtendedBlockProto,
  pipeline: readonly DatanodeInfoProto[],
  more: Partial<Parameters<typeof openBlockWriter>[0]> = {},
): Promise<BlockWriter> {
  const stage = Stage.PIPELINE_SETUP_CREATE
  return openBlockWriter({ connections, block, token, pipeline, stage, clientName, checksum, ...more })
}

async function writeBlock(
  block: ExtendedBlockProto,
  pipeline: readonly TransferNode[],
  length: number,
): Promise<void> {
  const writer = await openWriter(
    block,
    pipeline.map((node) => node.info),
  )
  await writer.write(patternBytes(length))
  await writer.close()
}

async function readBlock(
  node: TransferNode,
  block: ExtendedBlockProto,
  offset: number,
  length: number,
  verifyChecksums = true,
) {
  const datanode = datanodeAddress(node.info)
  const reader = await openBlockReader({
    connections,
    block,
    token,
    datanode,
    offset,
    length,
    clientName,
    verifyChecksums,
  })
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const count = await reader.read(bytes.subarray(done))
    if (count === 0) break
    done += count
  }
  await reader.close()
  return bytes.subarray(0, done)
}

describe('a data transfer server', () => {
  test('writes through a pipeline of three and every node has the same block', async () => {
    const pipeline = await start(3)
    const block = testBlock(1n)
    await writeBlock(block, pipeline, 700_001)
    for (const node of pipeline) {
      assert.deepEqual(node.told, ['receiving 1', 'received 1 700001'])
      assert.deepEqual(node.bytes(1n), patternBytes(700_001))
      assert.equal(node.store.find(1n)?.state, 'FINALIZED')
    }
    const last = pipeline[2]!
    for (const [offset, length] of [
      [0, 700_001],
      [0, 1],
      [511, 2],
      [512, 512],
      [300_000, 100_000],
      [700_000, 1],
    ] as const) {
      assert.deepEqual(await readBlock(last, block, offset, length), patternBytes(length, offset))
      assert.deepEqual(await readBlock(last, block, offset, length, false), patternBytes(length, offset))
    }
  })

  test('shows what is flushed while the block is written, and resumes after the pipeline broke', async () => {
    const [a, b] = (await start(2)) as [TransferNode, TransferNode]
    const block = testBlock(2n)
    const writer = await openWriter(block, [a.info, b.info])
    await writer.write(patternBytes(1000))
    await writer.flush()
    assert.equal(a.store.find(2n)?.visibleLength, 1000)
    assert.deepEqual(await readBlock(b, block, 0, 1000), patternBytes(1000))
    await writer.write(patternBytes(500, 1000))
    await writer.flush({ sync: true })
    assert.deepEqual(await readBlock(a, block, 900, 600), patternBytes(600, 900))
    writer.abort()
    const again = await openWriter(block, [b.info], {
      stage: Stage.PIPELINE_SETUP_STREAMING_RECOVERY,
      minBytesRcvd: 1500,
      maxBytesRcvd: 1500,
      latestGenerationStamp: 1002n,
      startOffset: 1500,
    })
    await again.write(patternBytes(100, 1500))
    await again.close()
    assert.equal(b.store.find(2n)?.generationStamp, 1002n)
    assert.deepEqual(b.bytes(2n), patternBytes(1600))
    const append = await openWriter(testBlock(2n, 1002n), [b.info], {
      stage: Stage.PIPELINE_SETUP_APPEND,
      minBytesRcvd: 1600,
      latestGenerationStamp: 1003n,
      startOffset: 1600,
    })
    await append.write(patternBytes(1000, 1600))
    await append.close()
    assert.deepEqual(b.bytes(2n), patternBytes(2600))
    assert.deepEqual(await readBlock(b, testBlock(2n, 1003n), 0, 2600), patternBytes(2600))
  })

  test('goes on without a node that dies, and names the one that cannot be reached', async () => {
    const [a, b] = (await start(2)) as [TransferNode, TransferNode]
    const writer = await openWriter(testBlock(3n), [a.info, b.info])
    await writer.write(patternBytes(1000))
    await writer.flush()
    await b.stop()
    await writer.write(patternBytes(1000, 1000))
    await assert.rejects(writer.flush(), { failedNodeIndex: 1 })
    const gone = b.info
    await assert.rejects(openWriter(testBlock(4n), [a.info, gone]), { failedNodeIndex: 1 })
    assert.equal(a.store.find(4n)?.state, 'RBW')
  })

  test('refuses what it cannot do and serves on', async () => {
    const [node] = (await start(1)) as [TransferNode]
    await writeBlock(testBlock(5n), [node], 100)
    await assert.rejects(openWriter(testBlock(5n), [node.info]), { failedNodeIndex: 0 })
    await assert.rejects(openWriter(testBlock(6n, 1n, 1 << 30), [node.info]), /room/)
    await assert.rejects(readBlock(node, testBlock(7n), 0, 1), /blk_7_1001/)
    await assert.rejects(readBlock(node, testBlock(5n), 50, 51), /found 100 bytes/)
    await assert.rejects(readBlock(node, testBlock(5n, 1002n), 0, 1), /older generation/)
    await assert.rejects(readBlock(node, { ...testBlock(5n), poolId: 'BP-other' }, 0, 1), /BP-other/)
    assert.deepEqual(await readBlock(node, testBlock(5n), 0, 100), patternBytes(100))
  })

  test('never serves damaged bytes as good ones', async () => {
    const [node] = (await start(1)) as [TransferNode]
    await writeBlock(testBlock(8n), [node], 5000)
    await writeBlock(testBlock(9n), [node], 5000)
    await writeBlock(testBlock(10n), [node], 5000)
    node.flip(8n, 'data', 2000)
    await assert.rejects(readBlock(node, testBlock(8n), 0, 5000))
    node.flip(9n, 'meta', 7 + 4 * 3)
    await assert.rejects(readBlock(node, testBlock(9n), 0, 5000))
    const replica = node.store.find(10n)!
    const file = replica.slice.open(replica, 'write')
    file.truncate('meta', 20)
    await assert.rejects(readBlock(node, testBlock(10n), 0, 5000))
    await node.until('corrupt 10')
    file.truncate('meta', 3)
    await assert.rejects(readBlock(node, testBlock(10n), 0, 1), /meta header/)
  })

  // [xfer.write.1] [xfer.write.7]
  test('copies between nodes pass on and verify what they receive', async () => {
    const [source, target, third] = (await start(3)) as [TransferNode, TransferNode, TransferNode]
    await writeBlock(testBlock(11n), [source], 300_000)
    const copy = (blockId: bigint, targets: TransferNode[]): Promise<void> =>
      sendReplica(source.context, source.store.find(blockId)!, {
        blockPoolId: testBlock(1n).poolId,
        targets: targets.map((node) => node.info),
        targetStorageTypes: [],
        targetStorageIds: [],
        clientName: '',
        stage: Stage.PIPELINE_SETUP_CREATE,
      })
    await copy(11n, [target, third])
    await Promise.all([target.until('received 11 300000'), third.until('received 11 300000')])
    assert.deepEqual(target.bytes(11n), patternBytes(300_000))
    assert.deepEqual(third.bytes(11n), patternBytes(300_000))
    await writeBlock(testBlock(12n), [source], 300_000)
    source.flip(12n, 'data', 100_000)
    await copy(12n, [target]).catch(() => {})
    assert.equal(target.store.find(12n), undefined)
  })

  // [xfer.recovery.3]
  test('hands a half-written block to a new node of the pipeline', async () => {
    const [a, b] = (await start(2)) as [TransferNode, TransferNode]
    const writer = await openWriter(testBlock(13n), [a.info])
    await writer.write(patternBytes(3000))
    await writer.flush()
    const datanode = datanodeAddress(a.info)
    await transferBlock({
      connections,
      datanode,
      block: testBlock(13n, 1001n, 3000),
      token,
      clientName,
      targets: [b.info],
    })
    const newer = testBlock(13n, 1002n, 3000)
    const older = transferBlock({ connections, datanode, block: newer, token, clientName, targets: [b.info] })
    await assert.rejects(older, /older generation/)
    assert.equal(b.store.find(13n)?.state, 'RBW')
    assert.equal(b.store.find(13n)?.visibleLength, 3000)
    assert.deepEqual(await readBlock(b, testBlock(13n), 0, 3000), patternBytes(3000))
    writer.abort()
  })

  // [xfer.sum.1]
  test('computes block checksums from the stored ones', async () => {
    const [node] = (await start(1)) as [TransferNode]
    await writeBlock(testBlock(14n), [node], 5000)
    const sums = new Uint8Array(40)
    kernel.compute('CRC32C', patternBytes(5000), 512, sums)
    const datanode = datanodeAddress(node.info)
    const ask = (length: number, type: 'MD5CRC' | 'COMPOSITE_CRC') =>
      blockChecksum({ connections, datanode, block: testBlock(14n, 1001n, length), token, type })
    const whole = await ask(5000, 'MD5CRC')
    assert.deepEqual(Buffer.from(whole.bytes), createHash('md5').update(sums).digest())
    const composite = await ask(5000, 'COMPOSITE_CRC')
    assert.equal(Buffer.from(composite.bytes).readUInt32BE(), kernel.crc('CRC32C', patternBytes(5000)))
    const part = await ask(1000, 'COMPOSITE_CRC')
    assert.equal(Buffer.from(part.bytes).readUInt32BE(), kernel.crc('CRC32C', patternBytes(1000)))
  })

  test('a full disk fails the write with a reason, and reads go on', async () => {
    const [a, b] = (await start(2)) as [TransferNode, TransferNode]
    await writeBlock(testBlock(20n), [b], 1000)
    const slice = b.store.slices[0]!
    const create = slice.create.bind(slice)
    slice.create = (name) => {
      const file = create(name)
      const write = file.write.bind(file)
      file.write = (part, pieces, position) => {
        if (part === 'data' && position > 100_000)
          throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
        write(part, pieces, position)
      }
      return file
    }
    const writer = await openWriter(testBlock(21n), [a.info, b.info])
    const fails = (async () => {
      for (let at = 0; at < 2_000_000; at += 60_000) {
        await writer.write(patternBytes(60_000, at))
        await writer.flush()
      }
    })()
    await assert.rejects(fails, { failedNodeIndex: 1 })
    assert.deepEqual(await readBlock(b, testBlock(20n), 0, 1000), patternBytes(1000))
    assert.equal(b.store.find(21n)?.state, 'RBW')
    assert.ok(b.store.find(21n)!.length >= 60_000)
  })

  test('garbage costs its own connection, with the reason in the log', async () => {
    const reasons: string[] = []
    const logger = {
      ...silentLogger,
      warn: (fields: object) => reasons.push(String(Reflect.get(fields, 'error'))),
    }
    const node = await TransferNode.start({ context: { logger } })
    nodes.push(node)
    await writeBlock(testBlock(30n), [node], 1000)
    const garbage = [
      'GET / HTTP/1.1\r\n\r\n',
      '\x00\x1c\xff',
      '\x00\x1c\x51\xff\xff\xff\xff\x0f',
      '\x00\x1c\x51\x02\x0a\x05',
    ]
    for (const text of garbage) {
      const connection = await connectTcp({ host: '127.0.0.1', port: node.port })
      connection.start({
        input: new ReceiveBuffer({ maxBytes: 1 << 20 }),
        onReceive: () => {},
        onClose: () => {},
      })
      connection.write(Buffer.from(text, 'latin1'))
      await connection.done
    }
    assert.equal(reasons.length, garbage.length)
    assert.match(reasons[0]!, /version/)
    assert.deepEqual(await readBlock(node, testBlock(30n), 0, 1000), patternBytes(1000))
  })
})
