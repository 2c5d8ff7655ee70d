import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { parseHex, ReceiveBuffer } from '@cairn/bytes'
import { ClientNamenodeProtocol, ProtocolInfo } from '@cairn/hadoop-proto'
import { protocolMetaInfo } from '@cairn/hadoop-rpc'
import { type Connection, memoryPair } from '@cairn/transport'
import {
  defineService,
  type Logger,
  RpcClient,
  RpcServer,
  type RpcServerOptions,
  serverCalls,
} from './index.ts'

const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
const address = { host: 'nn', port: 8020 }
const { getFileInfo } = ClientNamenodeProtocol

// Connections in memory keep no process alive, nor do the timers under test.
const alive = setInterval(() => {}, 1000)
after(() => clearInterval(alive))

/** A server whose getFileInfo waits until the test lets it go, and a raw connection maker. */
function held(options: Partial<RpcServerOptions> = {}) {
  const release: (() => void)[] = []
  const lines: string[] = []
  const log = (fields: object, message: string): number => lines.push(`${message} ${JSON.stringify(fields)}`)
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  const signals: AbortSignal[] = []
  let onCall = (): void => {}
  const server = new RpcServer({
    services: [
      defineService({
        protocol,
        methods: ClientNamenodeProtocol,
        handlers: {
          getFileInfo: (_, call) => {
            signals.push(call.signal)
            const answer = new Promise<object>((resolve) => release.push(() => resolve({})))
            onCall()
            return answer
          },
        },
      }),
    ],
    logger,
    ...options,
  })
  const connect = async (): Promise<Connection> => {
    const [ours, theirs] = memoryPair()
    server.serve(theirs)
    return ours
  }
  const client = new RpcClient({ user: 'alice', connect })
  return {
    server,
    client,
    lines,
    release,
    signals,
    connect,
    call: () => client.call(address, protocol, getFileInfo, { src: '/' }),
    async untilCalls(count: number) {
      while (release.length < count) {
        await new Promise<void>((resolve) => {
          onCall = resolve
        })
      }
    },
  }
}

/** Sends bytes and waits for the server to close. */
async function closedAfter(connection: Connection, bytes: Uint8Array): Promise<void> {
  connection.start({ input: new ReceiveBuffer({ maxBytes: 4096 }), onReceive: () => {}, onClose: () => {} })
  connection.write(bytes)
  await connection.done
}

test('a peer that says nothing, or stops before its context, is closed after handshakeMs', async () => {
  const p = held({ handshakeMs: 1 })
  await closedAfter(await p.connect(), new Uint8Array(0))
  await closedAfter(await p.connect(), parseHex('68727063 09'))
  assert.equal(p.lines.filter((line) => line.includes('no connection context within 1 ms')).length, 2)
  await p.server.close()
})

test('half a frame and then silence is closed after stallMs, a frame that trickles after frameMs', async () => {
  for (const options of [{ stallMs: 1 }, { frameMs: 1 }]) {
    const p = held(options)
    const [recorded, sink] = memoryPair()
    const context: number[] = []
    const input = new ReceiveBuffer({ maxBytes: 4096 })
    const taken = new Promise<void>((resolve) =>
      sink.start({
        input,
        onReceive: () => {
          context.push(...input.view())
          input.consume(input.length)
          resolve()
        },
        onClose: () => {},
      }),
    )
    const recording = new RpcClient({ user: 'alice', connect: async () => recorded })
    const pending = assert.rejects(recording.call(address, protocol, getFileInfo, { src: '/' }))
    await taken
    await recording.close()
    await pending
    // Preamble, context and the call but for its last byte.
    await closedAfter(await p.connect(), Uint8Array.from(context.slice(0, -1)))
    assert.match(p.lines.join(), /half a frame, then silence for 1 ms|a frame took more than 1 ms/)
    await p.server.close()
  }
})

test('a connection without calls is closed after idleMs, one with a call in flight is not', async () => {
  const p = held({ idleMs: 150 })
  const call = p.call()
  await p.untilCalls(1)
  const idle = await p.connect()
  const other = new RpcClient({ user: 'bob', connect: async () => idle, idleMs: 60_000 })
  await assert.rejects(other.call(address, 'no.such.Protocol', getFileInfo, { src: '/' }))
  await idle.done
  p.release[0]!()
  await call
  await Promise.all([p.client.close(), other.close(), p.server.close()])
})

test('beyond callsInFlightMax a connection is not read until some calls are answered', async () => {
  const p = held({ callsInFlightMax: 2 })
  const calls = Array.from({ length: 5 }, () => p.call())
  await p.untilCalls(2)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([p.release.length, p.server.callsInFlight], [2, 2])
  for (let index = 0; index < 5; index++) {
    await p.untilCalls(index + 1)
    p.release[index]!()
  }
  await Promise.all(calls)
  await p.client.close()
  await p.server.close()
})

test('a client that does not read its answers is not read either', async () => {
  const owner = 'o'.repeat(1024 * 1024)
  let handled = 0
  const server = new RpcServer({
    services: [
      defineService({
        protocol,
        methods: ClientNamenodeProtocol,
        handlers: {
          getLinkTarget: () => {
            handled++
            return { targetPath: owner }
          },
        },
      }),
    ],
  })
  const [ours, theirs] = memoryPair({ chunkBytes: 64 * 1024 })
  server.serve(theirs)
  const client = new RpcClient({ user: 'alice', connect: async () => ours })
  const { getLinkTarget } = ClientNamenodeProtocol
  const call = () => client.call(address, protocol, getLinkTarget, { path: '/' })
  await call()
  ours.pause()
  const calls: Promise<object>[] = []
  for (let index = 0; index < 40; index++) {
    calls.push(call())
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(handled >= 8 && handled <= 10, `${handled} calls were handled`)
  ours.resume()
  await Promise.all(calls)
  assert.equal(handled, 41)
  await client.close()
  await server.close()
})

test('close answers what was accepted, takes no more, and is idempotent', async () => {
  const p = held()
  const call = p.call()
  await p.untilCalls(1)
  const closing = p.server.close()
  assert.equal(p.server.close(), closing)
  const refused = await p.connect()
  await refused.done
  p.release[0]!()
  await call
  await closing
  assert.equal(p.server.connections, 0)
  await p.client.close()
})

test('close drops calls that take longer than timeoutMs', async () => {
  const p = held()
  const call = assert.rejects(p.call(), { sent: true })
  await p.untilCalls(1)
  await p.server.close({ timeoutMs: 1 })
  await call
  assert.equal(p.signals[0]?.aborted, true)
  await p.client.close()
})

test('a client that goes away aborts the signal of its calls; their answers are dropped', async () => {
  const p = held()
  const call = assert.rejects(p.call())
  await p.untilCalls(1)
  await p.client.close()
  await call
  while (p.server.connections > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(p.signals[0]?.aborted, true)
  p.release[0]!()
  await p.server.close()
})

test('a request that is no such message fails as Java’s decoder does, and the connection lives', async () => {
  const p = held()
  const half = {
    ...getFileInfo,
    request: { ...getFileInfo.response, encodeDelimited: getFileInfo.response.encodeDelimited },
  }
  await assert.rejects(p.client.call(address, protocol, half, {}), {
    javaClass: 'org.apache.hadoop.thirdparty.protobuf.InvalidProtocolBufferException',
  })
  assert.equal(p.lines.length, 0)
  const call = p.call()
  await p.untilCalls(1)
  p.release[0]!()
  await call
  await p.client.close()
  await p.server.close()
})

test('ProtocolMetaInfoPB tells which versions of a protocol there are', async () => {
  const p = held()
  const ask = (name: string) =>
    p.client.call(address, protocolMetaInfo, ProtocolInfo.getProtocolVersions, { protocol: name })
  const { protocolVersions } = await ask(protocol)
  assert.deepEqual(protocolVersions[2], { rpcKind: 'RPC_PROTOCOL_BUFFER', versions: [1n] })
  assert.deepEqual((await ask('no.such')).protocolVersions[2]?.versions, [])
  const signature = await p.client.call(address, protocolMetaInfo, ProtocolInfo.getProtocolSignature, {
    protocol,
    rpcKind: 'RPC_PROTOCOL_BUFFER',
  })
  assert.deepEqual(signature.protocolSignature, [{ version: 1n, methods: [] }])
  await p.client.close()
  await p.server.close()
})

test('handled calls are published to diagnostics_channel', async () => {
  const p = held()
  const seen: unknown[] = []
  const listen = (message: unknown): number => seen.push(message)
  serverCalls.subscribe(listen)
  const call = p.call()
  await p.untilCalls(1)
  p.release[0]!()
  await call
  serverCalls.unsubscribe(listen)
  assert.equal(seen.length, 1)
  await p.client.close()
  await p.server.close()
})
