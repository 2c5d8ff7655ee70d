/** One block written to and read from real Apache Hadoop, by the calls that hdfs-client makes. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type ChecksumType, combineCrc, kernel } from '@cairn/checksum'
import {
  ClientNamenodeProtocol as Calls,
  type ExtendedBlockProto,
  type LocatedBlockProto,
  type MessageCodec,
  OpWriteBlockProto_BlockConstructionStage as Stage,
} from '@cairn/hadoop-proto'
import { RpcClientSession } from '@cairn/hadoop-rpc'
import { clientProtocol } from '@cairn/hdfs-protocol'
import { type Hadoop, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type Connection, connectTcp } from '@cairn/transport'
import {
  BlockReadError,
  BlockWriteError,
  type BlockWriter,
  blockChecksum,
  DatanodeConnections,
  datanodeAddress,
  openBlockReader,
  openBlockWriter,
  transferBlock,
} from './index.ts'

const clientName = 'cairn-block-io-test'
const blockSize = 4 * 1024 * 1024

/** Just enough of an RPC client: one connection, calls in order. */
class NameNode {
  readonly #connection: Connection
  readonly #session: RpcClientSession
  readonly #pending = new Map<number, { resolve(body: Uint8Array): void; reject(error: Error): void }>()
  #callId = 0

  constructor(connection: Connection) {
    this.#connection = connection
    this.#session = new RpcClientSession({
      user: 'root',
      protocol: clientProtocol.name,
      clientId: new Uint8Array(randomBytes(16)),
      events: {
        onResponse: (callId, bytes, start, end) =>
          this.#pending.get(callId)?.resolve(bytes.slice(start, end)),
        onError: (callId, error) => this.#pending.get(callId)?.reject(error),
        onFatal: (error) => {
          for (const { reject } of this.#pending.values()) reject(error)
        },
      },
    })
    connection.start({
      input: this.#session.input,
      onReceive: () => this.#session.process(),
      onClose: () => {},
    })
  }

  async call<Q, S>(
    method: { name: string; request: MessageCodec<Q>; response: MessageCodec<S> },
    request: Q,
  ): Promise<S> {
    const callId = this.#callId++
    this.#session.call(callId, 0, method.name, method.request, request)
    this.#connection.write(this.#session.takeOutput())
    const body = await new Promise<Uint8Array>((resolve, reject) => {
      this.#pending.set(callId, { resolve, reject })
    })
    return method.response.decode(body)
  }

  async create(src: string, replication: number): Promise<void> {
    await this.call(Calls.create, {
      src,
      masked: { perm: 0o644 },
      clientName,
      createFlag: 3,
      createParent: true,
      replication,
      blockSize: BigInt(blockSize),
      cryptoProtocolVersion: [],
    })
  }

  async addBlock(src: string, previous?: ExtendedBlockProto): Promise<LocatedBlockProto> {
    const request = { src, clientName, previous, excludeNodes: [], favoredNodes: [], flags: [] }
    return (await this.call(Calls.addBlock, request)).block
  }

  async complete(src: string, last: ExtendedBlockProto): Promise<void> {
    while (!(await this.call(Calls.complete, { src, clientName, last })).result) {
      await setTimeout(5)
    }
  }

  async locate(src: string): Promise<LocatedBlockProto[]> {
    const request = { src, offset: 0n, length: BigInt(Number.MAX_SAFE_INTEGER) }
    return (await this.call(Calls.getBlockLocations, request)).locations?.blocks ?? []
  }

  close(): void {
    this.#connection.destroy()
  }
}

const missing = missingForHadoop()
const connections = new DatanodeConnections()
let hadoop: Hadoop
let namenode: NameNode

before(async () => {
  if (missing !== undefined) return
  hadoop = await startHadoop({ datanodes: 3 })
  namenode = new NameNode(await connectTcp({ host: hadoop.host, port: hadoop.port }))
})

after(async () => {
  namenode?.close()
  await connections.close()
  await hadoop?.stop()
})

const interop = (name: string, run: () => Promise<void>) => test(name, { skip: missing }, run)

function openWriter(
  { b, blockToken, locs, storageTypes, storageIDs }: LocatedBlockProto,
  options: { type?: ChecksumType; windowPackets?: number } = {},
): Promise<BlockWriter> {
  return openBlockWriter({
    connections,
    block: { ...b, numBytes: BigInt(blockSize) },
    token: blockToken,
    pipeline: locs,
    storageTypes,
    storageIds: storageIDs,
    stage: Stage.PIPELINE_SETUP_CREATE,
    clientName,
    checksum: { type: options.type ?? 'CRC32C', bytesPerChecksum: 512 },
    windowPackets: options.windowPackets,
  })
}

async function readBlock(located: LocatedBlockProto, offset: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length)
  const reader = await openBlockReader({
    connections,
    block: located.b,
    token: located.blockToken,
    datanode: datanodeAddress(located.locs[0]!),
    offset,
    length,
    clientName,
  })
  assert.equal(await reader.read(into), length)
  await reader.close()
  return into
}

/** Writes one block and finishes the file. */
async function writeFile(src: string, data: Uint8Array, replication: number, type?: ChecksumType) {
  await namenode.create(src, replication)
  const located = await namenode.addBlock(src)
  const writer = await openWriter(located, type === undefined ? {} : { type })
  await writer.write(data)
  await writer.close()
  assert.equal(writer.bytesAcked, data.length)
  await namenode.complete(src, { ...located.b, numBytes: BigInt(data.length) })
}

interop('a block written through pipelines of 1 and 3 is read back, by us and by Java', async () => {
  const data = patternBytes(3_000_001)
  for (const replication of [1, 3]) {
    for (const type of ['CRC32C', 'CRC32'] as const) {
      const src = `/written-${replication}-${type}`
      await writeFile(src, data, replication, type)
      const located = (await namenode.locate(src))[0]
      assert.ok(located)
      assert.equal(located.b.numBytes, BigInt(data.length))
      assert.equal(Buffer.compare(await readBlock(located, 0, data.length), data), 0)
    }
  }
  const { stdout } = await hadoop.fs('-checksum', '/written-3-CRC32C')
  const located = (await namenode.locate('/written-3-CRC32C'))[0]
  assert.ok(located)
  const sum = await blockChecksum({
    connections,
    datanode: datanodeAddress(located.locs[0]!),
    block: located.b,
    token: located.blockToken,
  })
  // Java digests the whole of a buffer that starts with 32 bytes and doubles, unused zeros included.
  const padded = Buffer.concat([sum.bytes, new Uint8Array(16)])
  const hex = createHash('md5').update(padded).digest('hex')
  assert.match(stdout, new RegExp(`MD5-of-0MD5-of-512CRC32C.*${hex}`), 'Java gives the same checksum')
})

interop('ranges are read at any offset, on one connection after the other', async () => {
  const data = patternBytes(1_000_000)
  await writeFile('/ranges', data, 1)
  const located = (await namenode.locate('/ranges'))[0]
  assert.ok(located)
  for (const [offset, length] of [
    [0, 1],
    [511, 2],
    [512, 512],
    [999_999, 1],
    [65_535, 131_073],
    [0, 1_000_000],
    [123_456, 400_000],
  ] as const) {
    const read = await readBlock(located, offset, length)
    assert.equal(Buffer.compare(read, data.subarray(offset, offset + length)), 0, `${length} at ${offset}`)
  }
  const datanode = datanodeAddress(located.locs[0]!)
  // The empty last packet may be on its way yet.
  await setTimeout(100)
  const idle = connections.takeIdle(datanode)
  assert.ok(idle?.reused, 'the connection was given back')
  connections.giveBack(idle)
})

interop('chunks pulled as views give the block', async () => {
  const data = patternBytes(2_500_000)
  await writeFile('/chunks', data, 1)
  const located = (await namenode.locate('/chunks'))[0]
  assert.ok(located)
  const reader = await openBlockReader({
    connections,
    block: located.b,
    token: located.blockToken,
    datanode: datanodeAddress(located.locs[0]!),
    offset: 0,
    length: data.length,
    clientName,
  })
  const hash = createHash('sha1')
  for (let chunk = await reader.nextChunk(); chunk !== undefined; chunk = await reader.nextChunk()) {
    hash.update(chunk)
  }
  assert.equal(hash.digest('hex'), createHash('sha1').update(data).digest('hex'))
})

interop('hflush and hsync in the middle of chunks: bytes are visible, then the file is whole', async () => {
  const data = patternBytes(200_000)
  await namenode.create('/flushed', 3)
  const located = await namenode.addBlock('/flushed')
  const writer = await openWriter(located)
  let at = 0
  for (const [count, sync] of [
    [1, false],
    [700, true],
    [0, true],
    [511, false],
    [100_000, true],
    [3, false],
    [98_785, false],
  ] as const) {
    await writer.write(data.subarray(at, at + count))
    await writer.flush({ sync })
    at += count
    assert.equal(writer.bytesAcked, at)
    const read = await readBlock({ ...located, b: { ...located.b, numBytes: BigInt(at) } }, 0, at)
    assert.equal(Buffer.compare(read, data.subarray(0, at)), 0, `visible up to ${at}`)
  }
  await writer.close()
  await namenode.complete('/flushed', { ...located.b, numBytes: BigInt(data.length) })
  const { stdout } = await hadoop.fs('-stat', '%b', '/flushed')
  assert.equal(stdout.trim(), '200000')
  const whole = (await namenode.locate('/flushed'))[0]
  assert.ok(whole)
  assert.equal(Buffer.compare(await readBlock(whole, 0, at), data), 0)
})

interop('append inside a chunk continues the block', async () => {
  const data = patternBytes(150_000)
  await writeFile('/appended', data.subarray(0, 70_007), 3)
  const appended = await namenode.call(Calls.append, { src: '/appended', clientName, flag: 4 })
  const last = appended.block
  assert.ok(last)
  const { block } = await namenode.call(Calls.updateBlockForPipeline, { block: last.b, clientName })
  const writer = await openBlockWriter({
    connections,
    block: { ...last.b, numBytes: BigInt(blockSize) },
    token: block.blockToken,
    pipeline: last.locs,
    storageTypes: last.storageTypes,
    storageIds: last.storageIDs,
    stage: Stage.PIPELINE_SETUP_APPEND,
    clientName,
    checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
    startOffset: 70_007,
    minBytesRcvd: 70_007,
    maxBytesRcvd: 70_007,
    latestGenerationStamp: block.b.generationStamp,
  })
  const newBlock = { ...last.b, generationStamp: block.b.generationStamp }
  await namenode.call(Calls.updatePipeline, {
    clientName,
    oldBlock: last.b,
    newBlock,
    newNodes: last.locs.map(({ id }) => id),
    storageIDs: last.storageIDs,
  })
  await writer.write(data.subarray(70_007, 70_017))
  await writer.flush()
  await writer.write(data.subarray(70_017))
  await writer.close()
  await namenode.complete('/appended', { ...newBlock, numBytes: BigInt(data.length) })
  const whole = (await namenode.locate('/appended'))[0]
  assert.ok(whole)
  for (const loc of whole.locs) {
    const read = await readBlock({ ...whole, locs: [loc] }, 0, data.length)
    assert.equal(Buffer.compare(read, data), 0)
  }
})

interop('composite checksums combine to the checksum of the bytes', async () => {
  const data = patternBytes(777_777)
  await writeFile('/composite', data, 1)
  const located = (await namenode.locate('/composite'))[0]
  assert.ok(located)
  const sum = await blockChecksum({
    connections,
    datanode: datanodeAddress(located.locs[0]!),
    block: located.b,
    token: located.blockToken,
    type: 'COMPOSITE_CRC',
  })
  assert.equal(sum.type, 'COMPOSITE_CRC')
  const [a, b] = [data.subarray(0, 1000), data.subarray(1000)]
  const combined = combineCrc('CRC32C', kernel.crc('CRC32C', a), kernel.crc('CRC32C', b), b.length)
  assert.equal(Buffer.from(sum.bytes).readUInt32BE(), combined)
})

interop('a DataNode that refuses gives a typed error with its own words', async () => {
  await writeFile('/refused', patternBytes(1000), 1)
  const located = (await namenode.locate('/refused'))[0]
  assert.ok(located)
  const beyond = { ...located, b: { ...located.b, numBytes: 5000n } }
  await assert.rejects(readBlock(beyond, 0, 5000), (error: unknown) => {
    assert.ok(error instanceof BlockReadError)
    assert.equal(error.kind, 'status')
    assert.match(error.message, /don't match block/)
    return true
  })
  const gone = { ...located, b: { ...located.b, blockId: 42n } }
  await assert.rejects(readBlock(gone, 0, 1000), { code: 'ERR_BLOCK_STATUS' })
})

interop('transferBlock has a node copy an open replica to another', async () => {
  const data = patternBytes(300_000)
  await namenode.create('/transferred', 1)
  const located = await namenode.addBlock('/transferred')
  const writer = await openWriter(located)
  await writer.write(data)
  await writer.flush()
  const report = await namenode.call(Calls.getDatanodeReport, { type: 2 })
  const target = report.di.find(({ id }) => id.datanodeUuid !== located.locs[0]!.id.datanodeUuid)
  assert.ok(target)
  const { block } = await namenode.call(Calls.updateBlockForPipeline, { block: located.b, clientName })
  await transferBlock({
    connections,
    datanode: datanodeAddress(located.locs[0]!),
    block: { ...located.b, numBytes: BigInt(data.length) },
    token: block.blockToken,
    clientName,
    targets: [target],
    targetStorageTypes: [1],
    targetStorageIds: [''],
  })
  await writer.close()
})

interop('a broken pipeline names its node, is rebuilt and loses no byte', async () => {
  const data = patternBytes(3_500_000)
  await namenode.create('/recovered', 3)
  const located = await namenode.addBlock('/recovered')
  const writer = await openWriter(located)
  await writer.write(data.subarray(0, 1_000_001))
  await writer.flush()
  // The last node dies: those before it report it.
  const victim = located.locs[2]!.id
  const index = await datanodeIndexOf(victim.xferPort)
  await hadoop.killDatanode(index)
  const failure = await (async () => {
    try {
      for (let at = 1_000_001; at < 2_500_000; at += 100_000) {
        await writer.write(data.subarray(at, Math.min(2_500_000, at + 100_000)))
        await writer.flush()
      }
    } catch (error) {
      return error
    }
    return undefined
  })()
  assert.ok(failure instanceof BlockWriteError, String(failure))
  assert.equal(failure.failedNodeIndex, 2)
  const { packets } = writer
  const survivors = located.locs.slice(0, 2)
  const { block } = await namenode.call(Calls.updateBlockForPipeline, { block: located.b, clientName })
  const second = await openBlockWriter({
    connections,
    block: { ...located.b, numBytes: BigInt(blockSize) },
    token: block.blockToken,
    pipeline: survivors,
    storageTypes: located.storageTypes.slice(0, 2),
    storageIds: located.storageIDs.slice(0, 2),
    stage: Stage.PIPELINE_SETUP_STREAMING_RECOVERY,
    clientName,
    checksum: packets.format,
    packets,
    minBytesRcvd: packets.bytesAcked,
    maxBytesRcvd: packets.bytesSent,
    latestGenerationStamp: block.b.generationStamp,
  })
  const newBlock = { ...located.b, generationStamp: block.b.generationStamp }
  await namenode.call(Calls.updatePipeline, {
    clientName,
    oldBlock: located.b,
    newBlock: { ...newBlock, numBytes: BigInt(packets.bytesAcked) },
    newNodes: survivors.map(({ id }) => id),
    storageIDs: located.storageIDs.slice(0, 2),
  })
  await second.write(data.subarray(packets.bytesWritten))
  await second.close()
  await namenode.complete('/recovered', { ...newBlock, numBytes: BigInt(data.length) })
  const whole = (await namenode.locate('/recovered'))[0]
  assert.ok(whole)
  assert.equal(Buffer.compare(await readBlock(whole, 0, data.length), data), 0)
})

async function datanodeIndexOf(xferPort: number): Promise<number> {
  for (const [index, daemon] of hadoop.datanodeProcesses.entries()) {
    if (new RegExp(`Opened streaming server at [^ ]*:${xferPort}\\b`).test(daemon.log())) return index
  }
  throw new Error(`no DataNode with port ${xferPort}`)
}
