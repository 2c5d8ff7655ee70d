import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as dial, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { GetServerDefaultsRequestProto } from '@cairn/hadoop-proto'
import { RpcClientSession } from '@cairn/hadoop-rpc'
import type { HdfsClient } from '@cairn/hdfs-client'
import { patternBytes, seededRandom, randomBytes as someBytes } from '@cairn/testkit'
import type { Cluster } from '../cluster.ts'
import { startCluster } from '../start-cluster.ts'
import { type LogLine, listeningLogger, until } from './test-support/fault-support.ts'

const { logger, lines } = listeningLogger()
let cluster: Cluster
let client: HdfsClient
const ports = { namenode: 0, transfer: 0, ipc: 0 }
const content = patternBytes(300_000)

before(async () => {
  // Silence ends an operation of a DataNode after a second here, and after a minute in earnest.
  cluster = await startCluster({ datanodes: 1, logger, conf: { 'dfs.client.socket-timeout': '1s' } })
  client = await cluster.connect()
  await client.writeFile('/content', content)
  const [block] = await client.blockLocations('/content')
  const { xferPort, ipcPort } = block!.locatedBlock.locs[0]!.id
  Object.assign(ports, { namenode: cluster.namenode.address.port, transfer: xferPort, ipc: ipcPort })
})
after(async () => {
  await client.close()
  await cluster.close()
})

const clientProtocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
const clientDatanodeProtocol = 'org.apache.hadoop.hdfs.protocol.ClientDatanodeProtocol'

type PortName = keyof typeof ports

/** `hrpc`, version 9, service class 0, no SASL: what opens every RPC connection. */
const preamble = Buffer.from('68727063090000', 'hex')

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** An operation of data transfer: version 28 and the code of READ_BLOCK, then a message of so many bytes. */
function operation(lengthVarint: string): Buffer {
  return Buffer.concat([Buffer.from([0, 28, 81]), Buffer.from(lengthVarint, 'hex')])
}

interface Attack {
  readonly name: string
  readonly port: PortName
  readonly bytes: Uint8Array
  /** What the log says of the connection. */
  readonly logged: RegExp
}

const attacks: readonly Attack[] = (['namenode', 'ipc'] as const)
  .flatMap((port): Attack[] => [
    { name: 'a negative length', port, bytes: Buffer.concat([preamble, int32(-16)]), logged: /length|-16/ },
    {
      name: 'a length over the limit',
      port,
      bytes: Buffer.concat([preamble, int32(0x7fff_ffff)]),
      logged: /2147483647/,
    },
    { name: 'a web browser', port, bytes: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), logged: /HTTP/ },
    { name: 'garbage', port, bytes: patternBytes(1000, 3), logged: /found/ },
    {
      name: 'garbage after the preamble',
      port,
      bytes: Buffer.concat([preamble, int32(64), patternBytes(64, 9)]),
      logged: /./,
    },
    { name: 'another version', port, bytes: Buffer.from('68727063040000', 'hex'), logged: /version 4/ },
    {
      name: 'half a frame and silence',
      port,
      bytes: Buffer.concat([preamble, int32(100), patternBytes(10)]),
      logged: /no connection context within 5000 ms/,
    },
  ])
  .concat([
    { name: 'another version', port: 'transfer', bytes: Buffer.from([0, 18, 81]), logged: /18/ },
    { name: 'an unknown operation', port: 'transfer', bytes: Buffer.from([0, 28, 7, 0]), logged: /7/ },
    {
      name: 'a length over the limit',
      port: 'transfer',
      bytes: operation('ffffffff7f'),
      logged: /34359738367|found|limit/,
    },
    {
      name: 'a length that never ends',
      port: 'transfer',
      bytes: operation('ffffffffffffffffffffff'),
      logged: /varint|found/,
    },
    { name: 'garbage', port: 'transfer', bytes: patternBytes(1000, 3), logged: /found/ },
    {
      name: 'garbage for a message',
      port: 'transfer',
      bytes: Buffer.concat([operation('40'), patternBytes(64, 9)]),
      logged: /./,
    },
    {
      name: 'half a frame and silence',
      port: 'transfer',
      bytes: Buffer.concat([operation('40'), patternBytes(9)]),
      logged: /13 bytes of it, then nothing for 1000 ms/,
    },
  ])

/** Sends bytes and waits until the other side has ended the connection; answers what the log said of it. */
async function attack(port: number, bytes: Uint8Array): Promise<LogLine[]> {
  const socket = dial({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  const peer = `127.0.0.1:${socket.localPort}`
  socket.on('error', () => {})
  socket.resume()
  socket.write(bytes)
  await once(socket, 'close')
  const ofPeer = () => lines.filter(({ fields }) => fields.peer === peer)
  return await until(`a reason in the log for ${peer}`, () => ofPeer().length > 0 && ofPeer())
}

async function servesOn(): Promise<void> {
  assert.deepEqual(await client.readFile('/content'), Buffer.from(content))
}

describe('a connection that does not follow the protocol is closed, with a reason, alone', {
  concurrency: true,
}, () => {
  for (const { name, port, bytes, logged } of attacks) {
    test(`${name}, to the ${port} port`, async () => {
      const said = await attack(ports[port], bytes)
      const text = said.map(
        ({ message, fields }) => `${message} ${JSON.stringify({ ...fields, error: String(fields.error) })}`,
      )
      assert.match(text.join('\n'), logged)
      assert.ok(
        said.every(({ level }) => level === 'warn'),
        text.join('\n'),
      )
      await servesOn()
    })
  }
})

test('random bytes never take a server down', async () => {
  const random = seededRandom(20_261_121)
  for (const port of Object.values(ports)) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = dial({ host: '127.0.0.1', port })
        socket.on('error', () => {})
        socket.resume()
        socket.end(someBytes(random, 1 + Math.floor(random() * 4000)))
        await once(socket, 'close')
      }),
    )
  }
  await servesOn()
})

/** An RPC connection that has said who it is: from then on frames of 128 MiB are allowed. */
function knownUser(protocol: string): Uint8Array {
  const nothing = () => {}
  const events = { onResponse: nothing, onError: nothing, onFatal: nothing }
  const session = new RpcClientSession({ user: 'root', protocol, clientId: new Uint8Array(16), events })
  session.call(0, 0, 'getServerDefaults', GetServerDefaultsRequestProto, {})
  return session.takeOutput()!
}

test('memory follows what was received, not what was promised', async () => {
  const promised = 128 * 1024 * 1024
  const openings: Record<PortName, Buffer> = {
    namenode: Buffer.concat([knownUser(clientProtocol), int32(promised), Buffer.alloc(10)]),
    ipc: Buffer.concat([knownUser(clientDatanodeProtocol), int32(promised), Buffer.alloc(10)]),
    // 1 MiB less a byte: the transfer port takes no longer message.
    transfer: Buffer.concat([operation('ffff3f'), Buffer.alloc(10)]),
  }
  const before = process.memoryUsage.rss()
  const sockets: Socket[] = []
  for (const [name, port] of Object.entries(ports) as [PortName, number][]) {
    for (let count = 0; count < 50; count++) {
      const socket = dial({ host: '127.0.0.1', port })
      socket.on('error', () => {})
      sockets.push(socket)
      await once(socket, 'connect')
      socket.write(openings[name])
    }
  }
  await servesOn()
  // None of them was refused: they wait for the rest, which is the case that could cost memory.
  assert.equal(sockets.filter(({ closed }) => closed).length, 0)
  const grown = process.memoryUsage.rss() - before
  for (const socket of sockets) socket.destroy()
  assert.ok(grown < 50 * 1024 * 1024, `resident memory grew by ${Math.round(grown / 1024 / 1024)} MiB`)
  await servesOn()
})
