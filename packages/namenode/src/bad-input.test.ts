/**
 * What no honest peer sends, to both ends of every generation over real sockets: impossible lengths and counts, unknown
 * and endless names, nesting without end, answers that nobody asked for. It costs the connection that it came on, with an
 * error that has a code, and nothing else.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { concatBytes, ProtocolError } from '@cairn/bytes'
import { RemoteException, type RpcAddress, RpcClient, RpcConnectionError } from '@cairn/hadoop-ipc'
import type { ServerCall } from '@cairn/hadoop-rpc'
import { clientProtocol, type HdfsGeneration, hdfsGenerations } from '@cairn/hdfs-protocol'
import { type NameNode, startNameNode } from './index.ts'
import { answerFrame, callFrame, greeting, int32, written } from './testing/raw-calls.ts'

const { getFileInfo } = clientProtocol.methods
const tenMegabytes = 10_000_000
const deep = 10_000
const longName = 'x'.repeat(60_000)

/** Messages of protobuf that break in their middle. */
const badMessages: Readonly<Record<string, Uint8Array>> = {
  'a text of 2^31 − 1 bytes': Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07),
  'a text of a negative length': Uint8Array.of(0x0a, ...new Uint8Array(9).fill(0xff), 0x01),
  'groups 10,000 deep': new Uint8Array(deep).fill(0x13),
  'a number without end': new Uint8Array(100).fill(0x80),
}

const utf8 = (text: string): Uint8Array =>
  written((writer) => {
    writer.u16be(text.length)
    writer.utf8(text)
  })

/** Objects of Hadoop 1 that break in their middle. */
const badObjects: Readonly<Record<string, Uint8Array>> = {
  'an array of 2^31 − 1 elements': concatBytes([utf8('[J'), int32(0x7fff_ffff)]),
  'an array of −1 elements': concatBytes([utf8('[J'), int32(-1)]),
  'an array of −2^31 elements': concatBytes([utf8('[Ljava.lang.String;'), int32(-0x8000_0000)]),
  'a class that nobody knows': concatBytes([utf8('org.example.Evil'), utf8('org.example.Evil')]),
  'a class name of 60,000 bytes': concatBytes([utf8(longName), utf8(longName)]),
  'an array type of 60,000 dimensions': concatBytes([utf8('['.repeat(60_000)), int32(1), utf8('x')]),
  'arrays 10,000 deep': concatBytes(Array.from({ length: deep }, () => concatBytes([utf8('[J'), int32(1)]))),
  'ObjectWritable in itself': concatBytes(
    Array.from({ length: deep * 2 }, () => utf8('org.apache.hadoop.io.ObjectWritable')),
  ),
  'a list of 2^31 − 1 blocks': concatBytes([
    utf8('org.apache.hadoop.hdfs.protocol.LocatedBlocks'),
    utf8('org.apache.hadoop.hdfs.protocol.LocatedBlocks'),
    new Uint8Array(9),
    int32(0x7fff_ffff),
  ]),
  'a text that is no UTF-8': concatBytes([utf8('java.lang.String'), Uint8Array.of(0, 2, 0xc3, 0x28)]),
}

/** What follows a greeting, for the server end. */
function badCalls(generation: HdfsGeneration): Readonly<Record<string, Uint8Array>> {
  const call = (message: Uint8Array) => callFrame(generation, 'getFileInfo', message)
  const bodies =
    generation.version === 4
      ? Object.entries(badObjects).map(([what, object]) => [what, call(int32(1, object))] as const)
      : Object.entries(badMessages).map(([what, message]) => [what, call(message)] as const)
  return {
    'a frame of a negative length': int32(-16),
    'a frame of 2^31 − 1 bytes': int32(0x7fff_ffff),
    'a frame of nothing': int32(0),
    'a frame of noise': int32(64, new Uint8Array(64).fill(0xff)),
    'a method name of 10 MB':
      generation.version === 4
        ? int32(6 + 0xffff, int32(0), Uint8Array.of(0xff, 0xff), new Uint8Array(0xffff).fill(0x61))
        : callFrame(generation, 'm'.repeat(tenMegabytes), new Uint8Array(0)),
    ...(generation.version === 4 ? { '2^31 − 1 parameters': call(int32(0x7fff_ffff)) } : {}),
    ...Object.fromEntries(bodies),
  }
}

type Answers = Readonly<Record<string, (callId: number) => Uint8Array>>

/** What is said to a client that has made call 0 or any other. */
function badAnswers(generation: HdfsGeneration): Answers {
  const messages = generation.version === 4 ? badObjects : badMessages
  const bodies = Object.entries(messages).map(
    ([what, message]) => [what, (callId: number) => answerFrame(generation, callId, message)] as const,
  )
  const header = (callId: number): Uint8Array => {
    const whole = answerFrame(generation, callId, new Uint8Array(0))
    // Without the length of the message, which is the last thing of an answer of 7 and 8.
    return generation.version === 4 ? whole : whole.subarray(0, whole.length - 4)
  }
  return {
    // Answers of version 4 have no lengths.
    ...(generation.version === 4 ? {} : badLengths(header, generation.version === 9)),
    'an exception of 10 MB': (callId) => exceptionOf(generation, callId, tenMegabytes),
    'an exception of a negative length': (callId) => exceptionOf(generation, callId, -7),
    'an answer to a call never made': (callId) =>
      answerFrame(generation, callId + 12_345, noFile(generation)),
    'two answers to one call, and a third': (callId) =>
      concatBytes([12_345, callId, callId].map((id) => answerFrame(generation, id, noFile(generation)))),
    noise: () => new Uint8Array(200).fill(0xa5),
    ...Object.fromEntries(bodies),
  }
}

const badLengths = (header: (callId: number) => Uint8Array, inFrames: boolean): Answers => ({
  'a negative length': (callId) => (inFrames ? int32(-5) : concatBytes([header(callId), int32(-5)])),
  'a length of 2^31 − 1': (callId) =>
    inFrames ? int32(0x7fff_ffff) : concatBytes([header(callId), int32(0x7fff_ffff)]),
})

/** The start of an ERROR answer whose class name has this length. */
function exceptionOf(generation: HdfsGeneration, callId: number, length: number): Uint8Array {
  if (generation.version === 4) return concatBytes([int32(callId), int32(1), int32(length)])
  if (generation.version < 9) return concatBytes([Uint8Array.of(4, 0x08, callId, 0x10, 1), int32(length)])
  // RpcResponseHeaderProto: call id, ERROR, and as exceptionClassName more than the frame has.
  const head = Uint8Array.of(0x08, callId, 0x10, 1, 0x22, 0x80, 0xad, 0xe2, 0x04)
  return int32(head.length + 1, Uint8Array.of(head.length), head)
}

/** "There is no such file". */
const noFile = (generation: HdfsGeneration): Uint8Array => {
  if (generation.version !== 4) return new Uint8Array(0)
  const status = 'org.apache.hadoop.hdfs.protocol.HdfsFileStatus'
  const nullInstance = 'org.apache.hadoop.io.ObjectWritable$NullInstance'
  return concatBytes([utf8('org.apache.hadoop.io.Writable'), utf8(nullInstance), utf8(status)])
}

let namenode: NameNode
const honest = hdfsGenerations.map((generation) => ({
  generation,
  client: new RpcClient({ user: 'alice', generations: hdfsGenerations, rpcVersion: generation.version }),
}))

before(async () => {
  namenode = await startNameNode({ rpcVersions: [9, 8, 7, 4], permissions: false })
  await servesOn()
})
after(async () => {
  for (const { client } of honest) await client.close()
  await namenode.close()
})

const ask = (client: RpcClient, address: RpcAddress) =>
  client.call(address, clientProtocol.name, getFileInfo, { src: '/' }, { timeoutMs: 20_000 })

/** Connections of every generation that were open before are answered. */
async function servesOn(): Promise<void> {
  for (const { client } of honest) assert.ok((await ask(client, namenode.address)).fs)
}

async function open(address: RpcAddress): Promise<Socket> {
  const socket = dial(address)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Resolves when the server has answered something to the call, or hung up; a reset is an end too. */
async function answered(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('data', () => resolve())
    socket.once('close', () => resolve())
  })
  socket.destroy()
}

for (const generation of hdfsGenerations) {
  test(`a server of version ${generation.version} answers or hangs up, and serves the others on`, async () => {
    for (const [what, bytes] of Object.entries(badCalls(generation))) {
      const socket = await open(namenode.address)
      const settled = answered(socket)
      socket.write(greeting(generation))
      socket.write(bytes)
      // What promises more than it brings is not answered; the end of it is the end of the connection.
      if (what === 'a frame of nothing' || what.startsWith('a frame of noise')) socket.end()
      await settled
      await servesOn()
    }
  })

  test(`a client of version ${generation.version} fails its call with a code, and calls again`, async () => {
    for (const [what, make] of Object.entries(badAnswers(generation))) {
      const { server, address } = await lying(generation, make)
      const client = new RpcClient({
        user: 'alice',
        generations: hdfsGenerations,
        rpcVersion: generation.version,
      })
      const error: unknown = await ask(client, address).catch((reason: unknown) => reason)
      assert.match(
        codeOf(error),
        wantedCodes[what] ?? /^(ERR_|org\.|java\.)/,
        `${generation.version}: ${what}`,
      )
      // The server has hung up meanwhile; whether that was seen already decides on which connection the next call is.
      const again = ask(client, address).catch(() => ask(client, address))
      assert.equal((await again).fs, undefined, `${generation.version}: after ${what}`)
      await client.close()
      server.close()
    }
  })
}

const wantedCodes: Readonly<Record<string, RegExp>> = {
  'a negative length': /^ERR_HRPC_FRAME_LENGTH$/,
  'a length of 2^31 − 1': /^ERR_HRPC_FRAME_TOO_LARGE$/,
  'an answer to a call never made': /^ERR_HRPC_CALL_ID$/,
  'an array of 2^31 − 1 elements': /^ERR_WRITABLE_COUNT$/,
  'a class that nobody knows': /^ERR_WRITABLE_CLASS$/,
  'arrays 10,000 deep': /^ERR_WRITABLE_DEPTH$/,
  'ObjectWritable in itself': /^ERR_WRITABLE_CLASS$/,
}

/** What codecs make of a call's bytes, as a server finds it out. */
function decodeCall(generation: HdfsGeneration, call: ServerCall): unknown {
  const form = generation.dialects.get(call.protocol)?.serverForm(call)?.form ?? getFileInfo
  return form.request.decode(call.bytes, call.start, call.end)
}

/** Runs a step that may refuse bytes; gives the code with which it did. */
function refusalOf(what: string, step: () => void): string | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${what}: ${error}`)
    return error.code
  }
}

for (const generation of hdfsGenerations) {
  const { version } = generation
  test(`the sessions of version ${version} refuse with ProtocolError, or wait for what was promised`, () => {
    for (const [what, bytes] of Object.entries(badCalls(generation))) {
      let calls = 0
      const server = generation.serverSession({
        events: {
          onContext: () => {},
          onCall: (call) => {
            calls++
            decodeCall(generation, call)
          },
        },
      })
      server.receive(greeting(generation))
      const code = refusalOf(`${version}: ${what}`, () => server.receive(bytes))
      assert.ok(code !== undefined || calls === 0 || /name|noise/.test(what), `${version}: ${what} was taken`)
    }
    for (const [what, make] of Object.entries(badAnswers(generation))) {
      const heard: string[] = []
      const client = generation.clientSession({
        user: 'alice',
        protocol: clientProtocol.name,
        clientId: new Uint8Array(16),
        events: {
          onResponse: (callId, bytes, start, end) => {
            heard.push(`answer ${callId}`)
            const form = generation.dialects.get(clientProtocol.name)?.clientForm('getFileInfo', { src: '/' })
            const { response } = form?.kind === 'call' ? form.form : getFileInfo
            response.decode(bytes, start, end)
          },
          onError: (callId, error) => heard.push(`error ${callId} ${error.javaClass}`),
          onFatal: (error) => heard.push(`fatal ${error.javaClass}`),
        },
      })
      const code = refusalOf(`${version}: ${what}`, () => client.receive(make(0)))
      const expected = wantedCodes[what]
      if (expected && what !== 'an answer to a call never made')
        assert.match(code ?? '', expected, `${version}: ${what}`)
      // Who was called is known to the connection, not to the session.
      if (what === 'an answer to a call never made') assert.deepEqual(heard, ['answer 12345'])
    }
  })
}

/** What code can be told apart by. */
function codeOf(error: unknown): string {
  if (error instanceof RemoteException) return error.javaClass
  if (error instanceof ProtocolError || error instanceof RpcConnectionError) return error.code
  return `no code: ${error}`
}

/** A server whose first answer is a lie; later ones are honest. */
async function lying(
  generation: HdfsGeneration,
  lie: (callId: number) => Uint8Array,
): Promise<{ server: Server; address: RpcAddress }> {
  let lied = false
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const session = generation.serverSession({
      events: {
        onContext: () => {},
        onCall: ({ callId }) => {
          socket.write(lied ? answerFrame(generation, callId, noFile(generation)) : lie(callId))
          // What waits for more than was sent is told that nothing will come.
          if (!lied) setImmediate(() => socket.end())
          lied = true
        },
      },
    })
    socket.on('data', (chunk) => session.receive(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { server, address: { host: '127.0.0.1', port } }
}

for (const generation of hdfsGenerations) {
  test(`version ${generation.version}: an answer after the time-out is dropped, the connection goes on`, async () => {
    let connections = 0
    const waiting: (() => void)[] = []
    const server = createServer((socket) => {
      connections++
      const session = generation.serverSession({
        events: {
          onContext: () => {},
          onCall: ({ callId }) => {
            const answer = () => socket.write(answerFrame(generation, callId, noFile(generation)))
            if (waiting.length === 0) waiting.push(answer)
            else {
              waiting[0]!()
              answer()
            }
          },
        },
      })
      socket.on('data', (chunk) => session.receive(chunk))
      socket.on('error', () => {})
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = { host: '127.0.0.1', port: (server.address() as { port: number }).port }
    const client = new RpcClient({
      user: 'alice',
      generations: hdfsGenerations,
      rpcVersion: generation.version,
    })
    const late = client.call(address, clientProtocol.name, getFileInfo, { src: '/' }, { timeoutMs: 1 })
    await assert.rejects(late, { code: 'ERR_RPC_TIMEOUT' })
    assert.equal((await ask(client, address)).fs, undefined)
    assert.equal(connections, 1)
    await client.close()
    server.close()
  })
}
