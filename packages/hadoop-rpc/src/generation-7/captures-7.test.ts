import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ByteWriter, formatHex, ProtocolError } from '@cairn/bytes'
import { mutated, randomInteger, seededRandom } from '@cairn/testkit'
import {
  type ConnectionContext,
  RemoteException,
  RpcClientSession,
  RpcClientSession7,
  RpcServerSession7,
  type ServerCall,
} from '../index.ts'
import { verbatim } from '../verbatim.test-support.ts'

const folder = new URL('../../test-data/2.0.0-alpha/', import.meta.url)
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.c2s.bin'))
  .map((name) => name.slice(0, -'.c2s.bin'.length))
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))

interface Request {
  readonly call: ServerCall
  readonly message: Uint8Array
}

function serve(chunks: Iterable<Uint8Array>) {
  const contexts: ConnectionContext[] = []
  const requests: Request[] = []
  const session = new RpcServerSession7({
    events: {
      onContext: (context) => contexts.push(context),
      onCall: (call) => requests.push({ call, message: call.bytes.slice(call.start, call.end) }),
    },
  })
  for (const chunk of chunks) session.receive(chunk)
  return { session, contexts, requests }
}

type Answer = { callId: number; message: Uint8Array } | { callId: number; error: RemoteException }

function client(answers: Answer[], context: Partial<ConnectionContext> = {}): RpcClientSession7 {
  return new RpcClientSession7({
    generation: 7,
    user: context.user ?? 'x',
    realUser: context.realUser,
    protocol: context.protocol ?? 'p',
    events: {
      onResponse: (callId, bytes, start, end) => answers.push({ callId, message: bytes.slice(start, end) }),
      onError: (callId, error) => answers.push({ callId, error }),
      onFatal: (error) => answers.push({ callId: Number.NaN, error }),
    },
  })
}

function receive(chunks: Iterable<Uint8Array>): { answers: Answer[]; session: RpcClientSession7 } {
  const answers: Answer[] = []
  const session = client(answers)
  for (const chunk of chunks) session.receive(chunk)
  return { answers, session }
}

test('there are captures', () => assert.ok(names.length > 25))

for (const name of names) {
  test(`${name}: both directions decode, and encode back to the same bytes`, () => {
    const sent = read(`${name}.c2s.bin`)
    const { session, contexts, requests } = serve([sent])
    const { answers, session: receiver } = receive([read(`${name}.s2c.bin`)])
    assert.equal(contexts.length, 1)
    assert.equal(session.midFrame, false)
    assert.equal(receiver.midFrame, false)

    // [hrpc7.preamble.1] [hrpc7.context.1] [hrpc7.call.1]: our client end writes what Java's wrote.
    const again = client([], contexts[0])
    for (const { call, message } of requests) again.call(call.callId, 0, call.method, verbatim, message)
    assert.equal(formatHex(again.takeOutput()), formatHex(sent))

    // [hrpc7.response.1] [hrpc7.error.1]: our server end writes what Java's wrote, in the same order.
    for (const answer of answers) {
      const request = requests.find(({ call }) => call.callId === answer.callId)
      assert.ok(request !== undefined, `answer to call ${answer.callId}`)
      if ('error' in answer) session.respondError(request.call, answer.error)
      else session.respond(request.call, verbatim, answer.message)
    }
    assert.equal(formatHex(session.takeOutput()), formatHex(read(`${name}.s2c.bin`)))
  })
}

for (const name of ['getFileInfo-013-nn', 'open-missing-020-nn', 'getListing-016-nn']) {
  test(`${name}: every split, and every byte alone, equals one chunk`, () => {
    const sent = read(`${name}.c2s.bin`)
    const got = read(`${name}.s2c.bin`)
    const told = ({ requests }: ReturnType<typeof serve>) =>
      requests.map(({ call, message }) => [call.callId, call.method, formatHex(message)])
    const whole = told(serve([sent]))
    const answers = JSON.stringify(receive([got]).answers)
    const partsOf = (bytes: Uint8Array, at: number) => [bytes.subarray(0, at), bytes.subarray(at)]
    for (let at = 0; at <= sent.length; at++) assert.deepEqual(told(serve(partsOf(sent, at))), whole)
    for (let at = 0; at <= got.length; at++) {
      assert.equal(JSON.stringify(receive(partsOf(got, at)).answers), answers)
    }
    assert.deepEqual(told(serve([...sent].map((byte) => Uint8Array.of(byte)))), whole)
    assert.equal(JSON.stringify(receive([...got].map((byte) => Uint8Array.of(byte))).answers), answers)
  })
}

// [hrpc7.call.3]
test('a ping between calls is no call, and is not answered', () => {
  const session = client([], { user: 'root' })
  session.ping()
  session.call(3, 0, 'm', verbatim, Uint8Array.of(1))
  session.ping()
  const { requests, session: server } = serve([session.takeOutput()])
  assert.deepEqual(
    requests.map(({ call }) => [call.callId, call.method]),
    [[3, 'm']],
  )
  assert.equal(server.midFrame, false)
  assert.equal(server.hasOutput, false)
})

// [hrpc7.preamble.2] [hrpc7.error.2]
test('another serialization, or a broken header, is refused with a FATAL answer that a client understands', () => {
  const preamble = Uint8Array.of(0x68, 0x72, 0x70, 0x63, 8, 80, 1)
  const streams = [
    [preamble],
    [read('getFileInfo-013-nn.c2s.bin').subarray(0, 67), Uint8Array.of(0, 0, 0, 1, 0xff)],
  ]
  for (const stream of streams) {
    const session = new RpcServerSession7({ events: { onContext: () => {}, onCall: () => {} } })
    assert.throws(
      () => {
        for (const chunk of stream) session.receive(chunk)
      },
      { code: 'ERR_HRPC_HEADER' },
    )
    const { answers } = receive([session.takeOutput()])
    assert.ok('error' in answers[0]! && Number.isNaN(answers[0].callId))
    assert.match(answers[0].error.javaClass, /IpcException|RpcServerException/)
  }
})

test('a user who may not come in hears why', () => {
  const session = new RpcServerSession7({
    events: {
      onContext: () => {
        throw new RemoteException('org.apache.hadoop.security.AccessControlException', 'not you')
      },
      onCall: () => {},
    },
  })
  assert.throws(() => session.receive(read('getFileInfo-013-nn.c2s.bin')), { code: 'ERR_HRPC_HEADER' })
  const { answers } = receive([session.takeOutput()])
  assert.ok('error' in answers[0]!)
  assert.equal(answers[0].error.message, 'not you')
})

// [hrpc7.auth.1]
test('a client that wants to log in is told to go on without', () => {
  const sent = read('getFileInfo-013-nn.c2s.bin').slice()
  sent[5] = 82
  const { session, requests } = serve([
    sent.subarray(0, 7),
    Uint8Array.of(0, 0, 0, 2, 9, 9),
    sent.subarray(7),
  ])
  assert.equal(requests[0]?.call.method, 'getFileInfo')
  assert.equal(formatHex(session.takeOutput()), '0000000000000004ffffffa8')
})

test('servers of other generations refuse in ways that the client tells', () => {
  const old = new ByteWriter()
  old.i32be(-1)
  old.i32be(-1)
  for (const text of ['org.apache.hadoop.ipc.RPC$VersionMismatch', 'Server IPC version 4 …']) {
    const at = old.reserve(4)
    old.setU32beAt(at, old.utf8(text))
  }
  const { answers } = receive([old.take()])
  assert.ok('error' in answers[0]! && answers[0].error.javaClass.endsWith('VersionMismatch'))
  assert.throws(() => receive([new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n')]), {
    code: 'ERR_HRPC_NOT_RPC',
  })
})

test('limits hold, and a client of version 9 is none of ours', () => {
  assert.throws(
    () => receive([Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0, 0, 0)]),
    ProtocolError,
  )
  assert.throws(() => receive([Uint8Array.of(4, 8, 0, 16, 0, 0x7f, 0xff, 0xff, 0xff)]), {
    code: 'ERR_HRPC_FRAME_TOO_LARGE',
  })
  assert.throws(() => serve([Uint8Array.of(0x68, 0x72, 0x70, 0x63, 7, 80, 0, 0x7f, 0xff, 0xff, 0xff)]), {
    code: 'ERR_HRPC_FRAME_TOO_LARGE',
  })
  const nine = new RpcClientSession({
    user: 'x',
    protocol: 'p',
    clientId: new Uint8Array(16),
    events: { onResponse: () => {}, onError: () => {}, onFatal: () => {} },
  })
  assert.throws(() => serve([nine.takeOutput()]), { code: 'ERR_HRPC_VERSION' })
})

test('damaged and random streams end in events or ProtocolError, never in anything else', () => {
  const random = seededRandom(27)
  const allowed = (step: () => unknown) => {
    try {
      step()
    } catch (error) {
      assert.ok(error instanceof ProtocolError || error instanceof RemoteException, String(error))
    }
  }
  for (let round = 0; round < 3000; round++) {
    const name = names[randomInteger(random, names.length)]!
    allowed(() => serve([mutated(read(`${name}.c2s.bin`).subarray(0, 3000), random)]))
    allowed(() => receive([mutated(read(`${name}.s2c.bin`).subarray(0, 3000), random)]))
  }
})
