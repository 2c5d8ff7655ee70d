/** Garbage on every port, half a message and then silence, a clock that jumps: the node serves on. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as dial, type Socket } from 'node:net'
import { after, before, describe, mock, test } from 'node:test'
import {
  type DatanodeInfoProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
} from '@cairn/hadoop-proto'
import { DatanodeConnections, datanodeAddress, openBlockReader, openBlockWriter } from '@cairn/hdfs-block-io'
import { encodeChecksumFormat, encodeOperation } from '@cairn/hdfs-protocol'
import { patternBytes, randomBytes, randomInteger, seededRandom } from '@cairn/testkit'
import { type DataNode, startDataNode } from './datanode.ts'
import { emptyToken } from './security/empty-token.ts'
import { ScriptedNameNode } from './testing/scripted-namenode.ts'
import { testBlock } from './testing/transfer-node.ts'
import { until } from './testing/until.ts'

const content = patternBytes(200_000)
const block = testBlock(1n, 1001n, content.length)
const checksum = { type: 'CRC32C', bytesPerChecksum: 512 } as const
const idleMs = 300
const connections = new DatanodeConnections()
const namenode = new ScriptedNameNode()
let node: DataNode
const ports = { transfer: 0, ipc: 0, web: 0 }

before(async () => {
  await namenode.listen()
  node = await startDataNode({
    namenode: { host: '127.0.0.1', port: namenode.port },
    memoryBytes: 1 << 26,
    heartbeatIntervalMs: 20,
    blockReportIntervalMs: 100,
    random: () => 0,
    idleMs,
    httpPort: 0,
  })
  await node.ready()
  Object.assign(ports, {
    transfer: node.address.port,
    ipc: node.ipcAddress.port,
    web: node.status().httpPort,
  })
  const writer = await openBlockWriter({
    connections,
    block,
    token: emptyToken(),
    pipeline: [here()],
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

function here(): DatanodeInfoProto {
  const { host: ipAddr, port: xferPort } = node.address
  return { id: { ipAddr, hostName: 'localhost', datanodeUuid: node.uuid, xferPort, infoPort: 0, ipcPort: 0 } }
}

/** The block is read, the NameNode is told, the pages answer, and nobody is left who keeps a thread busy. */
async function servesOn(): Promise<void> {
  const reader = await openBlockReader({
    connections,
    block,
    token: emptyToken(),
    datanode: datanodeAddress(here()),
    offset: 0,
    length: content.length,
    clientName: 'test',
  })
  const got = Buffer.alloc(content.length)
  for (let at = 0, count = 1; count > 0; at += count) count = await reader.read(got.subarray(at))
  await reader.close()
  assert.ok(got.equals(content))
  await namenode.until('heartbeat', namenode.count('heartbeat') + 2)
  assert.equal((await fetch(`http://127.0.0.1:${ports.web}/jmx`)).status, 200)
  await until('the end of every operation', 5_000, () => node.status().xceivers === 0, 10)
}

async function open(port: number): Promise<Socket> {
  const socket = dial({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  return socket
}

/** What some other program would say by mistake. */
const strangers: Readonly<Record<string, Buffer>> = {
  'a web browser': Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'an RPC client': Buffer.from('68727063090000', 'hex'),
  'an RPC client with SASL': Buffer.from('687270630900df0000000e', 'hex'),
  'a data transfer client': Buffer.from('001c51', 'hex'),
  'a data transfer handshake': Buffer.from('deadbeef08001203', 'hex'),
  TLS: Buffer.from('160301020001000001fc0303', 'hex'),
  zeros: Buffer.alloc(5000),
  ones: Buffer.alloc(5000, 0xff),
}

describe('bytes that mean nothing here', () => {
  for (const [name, port] of Object.entries(ports).map(
    ([name]) => [name, () => ports[name as 'ipc']] as const,
  )) {
    test(`strangers and seeded garbage on the ${name} port`, async () => {
      const random = seededRandom(20_261_121)
      const garbage = Array.from({ length: 40 }, () => randomBytes(random, 1 + randomInteger(random, 4000)))
      await Promise.all(
        [...Object.values(strangers), ...garbage].map(async (bytes) => {
          const socket = await open(port())
          socket.end(bytes)
          await once(socket, 'close')
        }),
      )
      await servesOn()
    })
  }

  test('every operation code with a damaged message', async () => {
    const random = seededRandom(7)
    const operation = encodeOperation('READ_BLOCK', {
      header: { baseHeader: { block, token: emptyToken() }, clientName: 'test' },
      offset: 0n,
      len: 100n,
    })
    for (let code = 79; code <= 92; code++) {
      const bytes = Buffer.from(operation)
      bytes[2] = code
      for (let round = 0; round < 5; round++) {
        const socket = await open(ports.transfer)
        bytes[3 + randomInteger(random, bytes.length - 3)]! ^= 1 + randomInteger(random, 255)
        socket.end(bytes)
        await once(socket, 'close')
      }
    }
    await servesOn()
  })
})

describe('half a message, then silence', () => {
  const write = encodeOperation('WRITE_BLOCK', {
    header: { baseHeader: { block: testBlock(2n), token: emptyToken() }, clientName: 'silent' },
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
  })

  for (const [name, bytes] of [
    ['nothing at all', Buffer.alloc(0)],
    ['half an operation', write.subarray(0, write.length >> 1)],
    [
      'a write and half a packet',
      Buffer.concat([write, Buffer.from('0000020c0019', 'hex'), Buffer.alloc(100)]),
    ],
  ] as const) {
    test(`${name}: the connection ends, nothing stays busy`, async () => {
      const before = performance.now()
      const socket = await open(ports.transfer)
      if (bytes.length > 0) socket.write(bytes)
      await once(socket, 'close')
      assert.ok(performance.now() - before >= idleMs - 5)
      await servesOn()
    })
  }

  test('a hundred silent connections to each port keep nobody else waiting', async () => {
    const sockets: Socket[] = []
    // The web server has room for 64, which is for those who look at pages; its silent ones end by themselves later.
    for (const [port, count] of [
      [ports.transfer, 100],
      [ports.ipc, 100],
      [ports.web, 40],
    ] as const)
      for (let i = 0; i < count; i++) sockets.push(await open(port))
    await servesOn()
    for (const socket of sockets) socket.destroy()
  })
})

describe('the clock jumps', () => {
  for (const [name, days] of [
    ['back by a day', -1],
    ['on by thirty days', 30],
  ] as const) {
    test(`${name}: heartbeats and full reports come as before`, async () => {
      const real = Date.now
      const jump = mock.method(Date, 'now', () => real() + days * 86_400_000)
      try {
        await namenode.until('heartbeat', namenode.count('heartbeat') + 5)
        const reports = namenode.count('report')
        const begun = performance.now()
        await namenode.until('report', reports + 3)
        assert.ok(performance.now() - begun > 150, 'full reports came in a rush')
        await servesOn()
      } finally {
        jump.mock.restore()
      }
      await namenode.until('report', namenode.count('report') + 2)
      assert.equal(node.status().namenodes[0]!.state, 'serving')
    })
  }
})
