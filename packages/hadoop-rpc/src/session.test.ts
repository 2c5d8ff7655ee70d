import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter, concatBytes, ProtocolError, parseHex } from '@cairn/bytes'
import {
  GetFileInfoRequestProto,
  IpcConnectionContextProto,
  MkdirsResponseProto,
  RpcRequestHeaderProto,
} from '@cairn/hadoop-proto'
import {
  RemoteException,
  RpcClientSession,
  RpcServerSession,
  rpcLimits,
  type ServerCall,
  type ServerSessionEvents,
} from './index.ts'

const clientId = Uint8Array.from({ length: 16 }, (_, index) => index)
const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'

/** Both ends, with what each has heard. */
function pair(
  limits: { callsInFlightMax?: number; requestFrameBytesMax?: number } = {},
  onContext = () => {},
) {
  const calls: ServerCall[] = []
  const heard: string[] = []
  const events: ServerSessionEvents = { onContext, onCall: (call) => calls.push(call) }
  const server = new RpcServerSession({ events, ...limits })
  const client = new RpcClientSession({
    user: 'alice',
    protocol,
    clientId,
    events: {
      onResponse: (callId, bytes, start, end) =>
        heard.push(`${callId}: ${JSON.stringify(MkdirsResponseProto.decode(bytes, start, end))}`),
      onError: (callId, error) => heard.push(`${callId}: ${error.simpleClass}: ${error.message}`),
      onFatal: (error) => heard.push(`fatal ${error.detail}: ${error.simpleClass}: ${error.message}`),
    },
  })
  return {
    calls,
    heard,
    server,
    client,
    call: (callId: number) =>
      client.call(callId, 0, 'getFileInfo', GetFileInfoRequestProto, { src: `/${callId}` }),
    toServer: () => server.receive(client.takeOutput()),
    toClient: () => client.receive(server.takeOutput()),
  }
}

function frame(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter()
  const at = writer.reserve(4)
  write(writer)
  writer.setU32beAt(at, writer.length - at - 4)
  return writer.take()
}

test('many calls, answered in any order, errors and successes mixed', () => {
  const p = pair()
  for (const callId of [0, 1, 2, 0x7fff_ffff]) p.call(callId)
  p.toServer()
  assert.deepEqual(
    p.calls.map((call) => call.callId),
    [0, 1, 2, 0x7fff_ffff],
  )
  assert.equal(p.server.callsInFlight, 4)
  p.server.respond(p.calls[3]!, MkdirsResponseProto, { result: true })
  p.server.respondError(p.calls[0]!, new RemoteException('java.io.FileNotFoundException', 'no /0'))
  p.server.respond(p.calls[1]!, MkdirsResponseProto, { result: false })
  p.toClient()
  assert.deepEqual(p.heard, [
    '2147483647: {"result":true}',
    '0: FileNotFoundException: no /0',
    '1: {"result":false}',
  ])
  assert.equal(p.server.callsInFlight, 1)
})

test('the server session stops at callsInFlightMax and goes on where it stopped', () => {
  const p = pair({ callsInFlightMax: 2 })
  for (let callId = 0; callId < 5; callId++) p.call(callId)
  p.toServer()
  assert.deepEqual([p.calls.length, p.server.blocked, p.server.midFrame], [2, true, false])
  p.server.respond(p.calls[0]!, MkdirsResponseProto, { result: true })
  p.server.process()
  assert.deepEqual([p.calls.length, p.server.blocked], [3, true])
})

test('a ping is neither a call nor answered', () => {
  const p = pair()
  p.client.ping()
  p.toServer()
  assert.deepEqual([p.calls.length, p.server.hasOutput, p.server.midFrame], [0, false, false])
})

test('a request or response that cannot be encoded queues nothing', () => {
  const p = pair()
  p.toServer()
  assert.throws(
    () => p.client.call(0, 0, 'getFileInfo', GetFileInfoRequestProto, JSON.parse('{}')),
    ProtocolError,
  )
  assert.equal(p.client.hasOutput, false)
  p.call(1)
  p.toServer()
  assert.throws(() => p.server.respond(p.calls[0]!, MkdirsResponseProto, JSON.parse('{}')), ProtocolError)
  assert.deepEqual([p.server.hasOutput, p.server.callsInFlight], [false, 1])
  p.server.respondError(p.calls[0]!, new RemoteException('x.Y$Z', 'sorry'))
  p.toClient()
  assert.deepEqual(p.heard, ['1: Z: sorry'])
})

test('frames are limited: 1 MiB before the context, requestFrameBytesMax after, never negative', () => {
  const length = (bytes: number) => new Uint8Array(new Uint32Array([bytes]).buffer).reverse()
  const before = pair()
  before.server.receive(parseHex('68727063 09 00 00'))
  assert.throws(() => before.server.receive(length(rpcLimits.frameBytesBeforeContextMax + 1)), {
    code: 'ERR_HRPC_FRAME_TOO_LARGE',
  })
  const after = pair({ requestFrameBytesMax: 2_000_000 })
  after.toServer()
  after.server.receive(length(2_000_000))
  assert.equal(after.server.midFrame, true)
  const over = pair({ requestFrameBytesMax: 2_000_000 })
  over.toServer()
  assert.throws(() => over.server.receive(length(2_000_001)), { code: 'ERR_HRPC_FRAME_TOO_LARGE' })
  assert.equal(over.server.hasOutput, false)
  const negative = pair()
  negative.client.receive(length(1))
  assert.throws(() => pair().client.receive(parseHex('80000000')), { code: 'ERR_HRPC_FRAME_LENGTH' })
})

test('names beyond 256 characters are refused', () => {
  const p = pair()
  p.toServer()
  p.client.call(0, 0, 'm'.repeat(257), GetFileInfoRequestProto, { src: '/' })
  assert.throws(() => p.toServer(), { code: 'ERR_HRPC_HEADER' })
  const user = new RpcClientSession({
    user: 'u'.repeat(257),
    protocol,
    clientId,
    events: { onResponse: () => {}, onError: () => {}, onFatal: () => {} },
  })
  assert.throws(() => pair().server.receive(user.takeOutput()), { code: 'ERR_HRPC_HEADER' })
})

test('more method names than are remembered are still told apart', () => {
  const p = pair()
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 2 * rpcLimits.methodHeadersKept; index++) {
      p.client.call(index, round, `method${index}`, GetFileInfoRequestProto, { src: '/' })
    }
  }
  p.toServer()
  assert.ok(p.calls.every((call) => call.method === `method${call.callId}`))
})

test('a refused connection context is answered with FATAL_UNAUTHORIZED', () => {
  const p = pair({}, () => {
    throw new RemoteException('org.apache.hadoop.security.AccessControlException', 'no proxy users here')
  })
  assert.throws(() => p.toServer(), { code: 'ERR_HRPC_AUTH' })
  p.toClient()
  assert.deepEqual(p.heard, ['fatal 15: AccessControlException: no proxy users here'])
  // Whatever comes after the refusal is not looked at.
  p.client.receive(parseHex('00000001 ff'))
})

test('a body that is shorter or longer than its frame says is refused', () => {
  for (const claimed of [1, 3]) {
    const p = pair()
    p.toServer()
    p.call(0)
    const valid = p.client.takeOutput()
    const body = GetFileInfoRequestProto.encode({ src: '/0' })
    const bad = concatBytes([valid.subarray(0, valid.length - body.length - 1), Uint8Array.of(claimed), body])
    assert.throws(() => p.server.receive(bad), { code: 'ERR_HRPC_HEADER' })
    assert.equal(p.calls.length, 0)
  }
})

test('a connection context without user information is a nameless user, as Hadoop takes it', () => {
  const contexts: unknown[] = []
  const server = new RpcServerSession({
    events: { onContext: (context) => contexts.push(context), onCall: () => {} },
  })
  server.receive(parseHex('68727063 09 00 00'))
  server.receive(
    frame((writer) => {
      RpcRequestHeaderProto.encodeDelimited(writer, {
        rpcKind: 2,
        rpcOp: 0,
        callId: -3,
        clientId,
        retryCount: -1,
      })
      IpcConnectionContextProto.encodeDelimited(writer, {})
    }),
  )
  assert.deepEqual(contexts, [{ user: '', realUser: undefined, protocol: '' }])
})

test('a client session names what answers instead of an RPC server', () => {
  assert.throws(() => pair().client.receive(new TextEncoder().encode('HTTP/1.1 400 Bad Request')), {
    code: 'ERR_HRPC_NOT_RPC',
    message: /HTTP port/,
  })
  assert.throws(() => pair().client.receive(parseHex('15 03 01 00 02 02 46')), {
    code: 'ERR_HRPC_NOT_RPC',
    message: /HTTPS port/,
  })
  assert.throws(() => pair().client.receive(parseHex('ffffffff ffffffff 7fffffff')), {
    code: 'ERR_HRPC_FRAME_LENGTH',
  })
})

test('an answer without class and message, or with an unknown status, has a defined end', () => {
  const header = (hex: string) => {
    const bytes = parseHex(hex)
    return concatBytes([Uint8Array.of(0, 0, 0, bytes.length + 1, bytes.length), bytes])
  }
  assert.throws(() => pair().client.receive(header('08 05 10 01')), { code: 'ERR_HRPC_HEADER' })
  const p = pair()
  p.client.receive(header('08 05 10 07 22 01 41 2a 01 62')) // status 7, class A, message b
  assert.deepEqual(p.heard, ['fatal 1: A: b'])
})

test('a client id must have 16 bytes', () => {
  const events = { onResponse: () => {}, onError: () => {}, onFatal: () => {} }
  assert.throws(() => new RpcClientSession({ user: 'u', protocol, clientId: new Uint8Array(3), events }), {
    code: 'ERR_HRPC_HEADER',
    side: 'local',
  })
})

test('RemoteException parts Java’s stack trace from the message and puts it back', () => {
  const text =
    'Cannot create /a. Name node is in safe mode.\nIt will leave soon.\n\tat a.B.c(B.java:1)\n\tat d'
  const error = RemoteException.fromWire('org.apache.hadoop.hdfs.server.namenode.SafeModeException', text, 1)
  assert.equal(error.message, 'Cannot create /a. Name node is in safe mode.\nIt will leave soon.')
  assert.equal(error.simpleClass, 'SafeModeException')
  assert.equal(error.errorMsg, text)
  assert.equal(new RemoteException('a.B', 'm').errorMsg, 'm')
})
