/**
 * What no honest peer sends to either end of data transfer, in both versions, over real sockets: impossible lengths and
 * counts, endless names, numbers out of order. It costs the connection that it came on, and nothing else.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { concatBytes, ProtocolError } from '@cairn/bytes'
import {
  type DatanodeInfoProto,
  type OpWriteBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  Status,
} from '@cairn/hadoop-proto'
import { DatanodeConnections, datanodeAddress, openBlockReader, openBlockWriter } from '@cairn/hdfs-block-io'
import { type DataTransferVersion, encodeChecksumFormat, hdfsGenerations } from '@cairn/hdfs-protocol'
import { patternBytes } from '@cairn/testkit'
import { type DataNode, startDataNode } from './datanode.ts'
import { emptyToken } from './security/empty-token.ts'
import { ScriptedNameNode } from './testing/scripted-namenode.ts'
import { testBlock } from './testing/transfer-node.ts'

const versions: readonly DataTransferVersion[] = [
  ...new Set(hdfsGenerations.map(({ dataTransfer }) => dataTransfer)),
]
const content = patternBytes(100_000)
const block = testBlock(1n, 1001n, content.length)
const checksum = { type: 'CRC32', bytesPerChecksum: 512 } as const
const connections = new DatanodeConnections()
const namenode = new ScriptedNameNode()
let node: DataNode

before(async () => {
  await namenode.listen()
  node = await startDataNode({
    namenode: { host: '127.0.0.1', port: namenode.port },
    memoryBytes: 1 << 26,
    heartbeatIntervalMs: 50,
    random: () => 0,
    idleMs: 500,
    rpcVersions: [9, 8, 7, 4],
  })
  await node.ready()
  const { address: pipeline } = node
  const writer = await openBlockWriter({
    connections,
    block,
    token: emptyToken(),
    pipeline: [nodeAt(pipeline.port)],
    stage: Stage.PIPELINE_SETUP_CREATE,
    clientName: 'test',
    checksum,
  })
  await writer.write(content)
  await writer.finish()
})
after(async () => {
  await connections.close()
  await node?.close()
  await namenode.close()
})

const nodeAt = (xferPort: number): DatanodeInfoProto => ({
  id: { ipAddr: '127.0.0.1', hostName: 'localhost', datanodeUuid: 'x', xferPort, infoPort: 0, ipcPort: 0 },
})

/** The whole block, from a DataNode at this port. */
async function readFrom(port: number, dataTransfer: DataTransferVersion): Promise<Buffer> {
  const reader = await openBlockReader({
    connections,
    block,
    token: emptyToken(),
    datanode: datanodeAddress(nodeAt(port)),
    offset: 0,
    length: content.length,
    clientName: 'test',
    dataTransfer,
  })
  try {
    const got = Buffer.alloc(content.length)
    for (let at = 0; at < got.length; ) at += await reader.read(got.subarray(at))
    return got
  } finally {
    await reader.close()
  }
}

const int32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const ones = (count: number): Uint8Array => new Uint8Array(count).fill(0xff)

function write(version: DataTransferVersion): Uint8Array {
  const header = { baseHeader: { block: testBlock(9n), token: emptyToken() }, clientName: 'bad' }
  const request: OpWriteBlockProto = {
    header,
    targets: [],
    stage: Stage.PIPELINE_SETUP_CREATE,
    pipelineSize: 1,
    minBytesRcvd: 0n,
    maxBytesRcvd: 0n,
    latestGenerationStamp: 1001n,
    requestedChecksum: encodeChecksumFormat(checksum),
    targetStorageTypes: [],
    targetPinnings: [],
    targetStorageIds: [],
  }
  return version.encodeOperation('WRITE_BLOCK', request)
}

/** What a DataNode is sent. */
function badOperations(version: DataTransferVersion): Readonly<Record<string, Uint8Array>> {
  const head = (code: number) => Uint8Array.of(0, version.version, code)
  const open = write(version)
  const common = {
    'another version': Uint8Array.of(0, 99, 80, 1, 2, 3),
    'an operation that nobody has': concatBytes([head(99), ones(40)]),
    'a packet of a negative length': concatBytes([open, int32(-1), ones(40)]),
    'a packet of 2^31 − 1 bytes': concatBytes([open, int32(0x7fff_ffff), ones(40)]),
    'a packet of noise': concatBytes([open, int32(600), ones(700)]),
  }
  if (version.version === 28) {
    return {
      ...common,
      'a message of 2^31 − 1 bytes': concatBytes([head(81), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07)]),
      'a message of 10 MB': concatBytes([head(81), Uint8Array.of(0x80, 0xad, 0xe2, 0x04), ones(70_000)]),
      'a length without end': concatBytes([head(80), new Uint8Array(11).fill(0x80)]),
      'a packet header of 65,535 bytes': concatBytes([open, int32(512), ones(2), ones(600)]),
      'groups 10,000 deep': concatBytes([
        head(81),
        Uint8Array.of(0x90, 0x4e),
        new Uint8Array(10_000).fill(0x13),
      ]),
    }
  }
  const ids = new Uint8Array(16)
  const noName = Uint8Array.of(0)
  return {
    ...common,
    'a name of a negative length': concatBytes([head(81), ids, ids, Uint8Array.of(0xff), ones(30)]),
    'a name of 2^31 − 1 bytes': concatBytes([
      head(81),
      ids,
      ids,
      Uint8Array.of(0x8c, 0x7f, 0xff, 0xff, 0xff),
    ]),
    '2^31 − 1 targets': concatBytes([
      head(80),
      ids,
      int32(1),
      Uint8Array.of(0),
      noName,
      Uint8Array.of(0),
      int32(0x7fff_ffff),
      ones(40),
    ]),
    '−1 targets': concatBytes([
      head(80),
      ids,
      int32(1),
      Uint8Array.of(0),
      noName,
      Uint8Array.of(0),
      int32(-1),
      ones(40),
    ]),
    'a token of 2^31 − 1 bytes': concatBytes([
      head(81),
      ids,
      ids,
      noName,
      Uint8Array.of(0x8c, 0x7f, 0xff, 0xff, 0xff),
    ]),
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = dial({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.resume()
  return socket
}

for (const version of versions) {
  test(`a DataNode closes on bad bytes of version ${version.version} and serves the others on`, async () => {
    const operations = Object.entries(badOperations(version))
    await Promise.all(
      operations.map(async ([, bytes]) => {
        const socket = await connected(node.address.port)
        // A reset is an end too; `once` would take it for a failure.
        const closed = new Promise((resolve) => socket.on('close', resolve))
        socket.write(bytes)
        await closed
      }),
    )
    for (const each of versions) assert.ok((await readFrom(node.address.port, each)).equals(content))
    assert.equal(node.status().namenodes[0]!.state, 'serving')
  })

  test(`a reader of version ${version.version} fails with a code where the DataNode lies`, async () => {
    const success = version.encodeResponse('READ_BLOCK', {
      status: Status.SUCCESS,
      readOpChecksumInfo: { checksum: encodeChecksumFormat(checksum), chunkOffset: 0n },
    })
    const lies: Readonly<Record<string, Uint8Array>> = {
      'an answer of noise': ones(64),
      'a packet of a negative length': concatBytes([success, int32(-9), ones(64)]),
      'a packet of 2^31 − 1 bytes': concatBytes([success, int32(0x7fff_ffff), ones(64)]),
      'a packet of noise': concatBytes([success, int32(520), ones(600)]),
      'an answer and nothing more': success,
    }
    for (const [what, bytes] of Object.entries(lies)) {
      const server = createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => socket.end(bytes))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      await assert.rejects(readFrom(port, version), (error: unknown) => {
        assert.ok(error instanceof Error)
        const { code } = error as { code?: unknown }
        const isTyped = error instanceof ProtocolError || typeof code === 'string'
        assert.ok(isTyped, `${version.version}: ${what}: ${error.stack}`)
        return true
      })
      server.close()
    }
    assert.ok((await readFrom(node.address.port, version)).equals(content))
  })
}
