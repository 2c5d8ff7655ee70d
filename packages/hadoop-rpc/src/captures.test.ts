import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { concatBytes, formatHex, ProtocolError } from '@cairn/bytes'
import { RpcRequestHeaderProto } from '@cairn/hadoop-proto'
import { mutated, randomInteger, seededRandom } from '@cairn/testkit'
import {
  type ClientSessionEvents,
  type ConnectionContext,
  RemoteException,
  RpcClientSession,
  RpcServerSession,
  type ServerCall,
} from './index.ts'
import { verbatim } from './verbatim.test-support.ts'

const folder = new URL('../test-data/3.4.3/', import.meta.url)
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.c2s.bin'))
  .map((name) => name.slice(0, -'.c2s.bin'.length))
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))

interface Request {
  readonly call: ServerCall
  readonly message: Uint8Array
}

/** Plays what a client sent to a server session. */
function serve(chunks: Iterable<Uint8Array>): {
  session: RpcServerSession
  contexts: ConnectionContext[]
  requests: Request[]
} {
  const contexts: ConnectionContext[] = []
  const requests: Request[] = []
  const session = new RpcServerSession({
    events: {
      onContext: (context) => contexts.push(context),
      onCall: (call) => requests.push({ call, message: call.bytes.slice(call.start, call.end) }),
    },
  })
  for (const chunk of chunks) session.receive(chunk)
  return { session, contexts, requests }
}

type Answer = { callId: number; message: Uint8Array } | { callId: number; error: RemoteException }

function clientEvents(answers: Answer[]): ClientSessionEvents {
  return {
    onResponse: (callId, bytes, start, end) => answers.push({ callId, message: bytes.slice(start, end) }),
    onError: (callId, error) => answers.push({ callId, error }),
    onFatal: (error) => answers.push({ callId: Number.NaN, error }),
  }
}

/** Plays what a server sent to a client session. */
function receive(chunks: Iterable<Uint8Array>): Answer[] {
  const answers: Answer[] = []
  const session = new RpcClientSession({
    user: 'x',
    protocol: 'p',
    clientId: new Uint8Array(16),
    events: clientEvents(answers),
  })
  for (const chunk of chunks) session.receive(chunk)
  assert.equal(session.midFrame, false)
  return answers
}

test('there are captures', () => assert.ok(names.length > 25))

/** This one negotiates first, with a server that offers tokens too; it has a test of its own below. */
const negotiated = 'read-open-054-dn1ipc'

for (const name of names.filter((candidate) => candidate !== negotiated)) {
  test(`${name}: both directions decode, and encode back to the same bytes`, () => {
    const sent = read(`${name}.c2s.bin`)
    const { session, contexts, requests } = serve([sent])
    const answers = receive([read(`${name}.s2c.bin`)])
    assert.equal(contexts.length, 1)
    assert.equal(session.midFrame, false)

    // [hrpc.frame.1] [hrpc.frame.3] [hrpc.header.1] [hrpc.context.1]: our client end writes what Java's wrote.
    const { user, realUser, protocol } = contexts[0]!
    const client = new RpcClientSession({
      user,
      realUser,
      protocol,
      clientId: requests[0]!.call.clientId,
      callerContext: requests[0]!.call.callerContext,
      events: clientEvents([]),
    })
    for (const { call, message } of requests) {
      client.call(call.callId, call.retryCount, call.method, verbatim, message)
    }
    assert.equal(formatHex(client.takeOutput()), formatHex(sent))

    // [hrpc.response.1] [hrpc.error.1] [hrpc.error.2]: our server end writes what Java's wrote, in the same order.
    for (const answer of answers) {
      const request = requests.find(({ call }) => call.callId === answer.callId)
      assert.ok(request !== undefined, `answer to call ${answer.callId}`)
      if ('error' in answer) session.respondError(request.call, answer.error)
      else session.respond(request.call, verbatim, answer.message)
    }
    assert.equal(formatHex(session.takeOutput()), formatHex(read(`${name}.s2c.bin`)))
  })
}

test('a client that negotiates is told to go on without, or may choose SIMPLE itself', () => {
  const sent = read(`${negotiated}.c2s.bin`)
  const [preamble, negotiate, initiate, rest] = [
    sent.subarray(0, 7),
    sent.subarray(7, 25),
    sent.subarray(25, 55),
    sent.subarray(55),
  ]
  for (const messages of [[negotiate], [initiate]]) {
    const { session, contexts, requests } = serve([preamble, ...messages, rest])
    assert.equal(requests[0]?.call.method, 'getReplicaVisibleLength')
    assert.equal(contexts[0]?.user, 'blk_1073741832_1009')
    // The header of the captured answer, then RpcSaslProto { state: SUCCESS }.
    const success = '000000120e08dfffffff0f100018093a004001021000'
    assert.equal(formatHex(session.takeOutput()), messages[0] === negotiate ? success : '')
  }
  assert.throws(() => serve([preamble, negotiate, negotiate]), { code: 'ERR_HRPC_HEADER' })
})

test('a client that insists on another method is refused with FATAL_UNAUTHORIZED', () => {
  const sent = read(`${negotiated}.c2s.bin`)
  const token = sent.slice(0, 55)
  token.set(new TextEncoder().encode('TOKENS'), 25 + 22)
  const session = new RpcServerSession({ events: { onContext: () => {}, onCall: () => {} } })
  session.receive(token.subarray(0, 7))
  assert.throws(() => session.receive(token.subarray(25)), { code: 'ERR_HRPC_AUTH' })
  const answers = receive([session.takeOutput()])
  assert.ok('error' in answers[0]!)
  assert.equal(answers[0].error.javaClass, 'org.apache.hadoop.security.AccessControlException')
  assert.equal(answers[0].error.detail, 15)
})

const small = ['getFileInfo-013-nn', 'denied-mkdirs-022-nn', 'getListing-016-nn', 'lease-recovery-060-dn1ipc']

for (const name of small) {
  test(`${name}: every split, and every byte alone, equals one chunk`, () => {
    const sent = read(`${name}.c2s.bin`)
    const got = read(`${name}.s2c.bin`)
    const whole = serve([sent]).requests.map(({ call, message }) => [
      call.callId,
      call.method,
      formatHex(message),
    ])
    const answers = JSON.stringify(receive([got]))
    const partsOf = (bytes: Uint8Array, at: number) => [bytes.subarray(0, at), bytes.subarray(at)]
    for (let at = 0; at <= sent.length; at++) {
      const { requests } = serve(partsOf(sent, at))
      assert.deepEqual(
        requests.map(({ call, message }) => [call.callId, call.method, formatHex(message)]),
        whole,
      )
    }
    for (let at = 0; at <= got.length; at++) assert.equal(JSON.stringify(receive(partsOf(got, at))), answers)
    assert.equal(serve([...sent].map((byte) => Uint8Array.of(byte))).requests.length, whole.length)
    assert.equal(JSON.stringify(receive([...got].map((byte) => Uint8Array.of(byte)))), answers)
  })
}

test('a truncated stream reports only whole calls and stays mid-frame', () => {
  const sent = read('lease-recovery-059-nn.c2s.bin')
  let reported = 0
  for (let length = 0; length < sent.length; length++) {
    const { requests, session } = serve([sent.subarray(0, length)])
    assert.ok(requests.length >= reported)
    assert.ok(requests.length < 4)
    reported = requests.length
    assert.equal(session.takeOutput().length, 0)
  }
  assert.equal(reported, 3)
})

test('damaged and random streams end in events or ProtocolError, never in anything else', () => {
  const random = seededRandom(20)
  for (let round = 0; round < 4000; round++) {
    const name = names[randomInteger(random, names.length)]!
    const sent = mutated(read(`${name}.c2s.bin`).subarray(0, 3000), random)
    const got = mutated(read(`${name}.s2c.bin`).subarray(0, 3000), random)
    allowProtocolError(() => serve([sent]))
    const session = new RpcClientSession({
      user: 'x',
      protocol: 'p',
      clientId: new Uint8Array(16),
      events: clientEvents([]),
    })
    allowProtocolError(() => session.receive(got))
  }
})

function allowProtocolError(run: () => void): void {
  try {
    run()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
}

interface Probe {
  readonly probe: string
  readonly sent: string
  readonly got: string
  readonly end: string
}

const probes: Probe[] = JSON.parse(new TextDecoder().decode(read('probes.json')))
/** Java's text names its own decoder's exception or its web interface; ours says the same in other words. */
const worded = new Set(['http-get', 'v9-call-before-context'])

for (const { probe, sent, got, end } of probes) {
  test(`server session answers probe ${probe} as the NameNode does`, () => {
    const session = new RpcServerSession({ events: { onContext: () => {}, onCall: () => {} } })
    const feed = (): void => session.receive(new Uint8Array(Buffer.from(sent, 'hex')))
    if (end === 'closed by server') assert.throws(feed, ProtocolError)
    else feed()
    const answer = session.takeOutput()
    if (!worded.has(probe)) {
      assert.equal(formatHex(answer), got)
      return
    }
    const text = new TextDecoder('latin1').decode(answer)
    assert.match(
      text,
      probe === 'http-get'
        ? /^HTTP\/1\.1 404 /
        : /RpcServerException.*Error decoding RpcRequestHeaderProto: /,
    )
  })

  if (got !== '') {
    test(`client session reads the answer to probe ${probe} as a refusal`, () => {
      const answers: Answer[] = []
      const session = new RpcClientSession({
        user: 'x',
        protocol: 'p',
        clientId: new Uint8Array(16),
        events: clientEvents(answers),
      })
      const feed = (): void => session.receive(new Uint8Array(Buffer.from(got, 'hex')))
      if (probe === 'http-get') {
        assert.throws(feed, { code: 'ERR_HRPC_NOT_RPC', message: /HTTP port/ })
      } else if (probe !== 'rpc-v2') {
        feed()
        assert.equal(answers.length, 1)
        assert.ok('error' in answers[0]! && answers[0].error instanceof RemoteException)
      }
    })
  }
}

test('the hand-written request header equals the generated codec for all ids', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 500; round++) {
    const clientId = new Uint8Array(16).map(() => randomInteger(random, 256))
    const callId = randomInteger(random, 0x8000_0000)
    const retryCount = randomInteger(random, 3) - 1
    const session = new RpcClientSession({ user: 'u', protocol: 'p', clientId, events: clientEvents([]) })
    session.takeOutput()
    session.call(callId, retryCount, 'm', verbatim, new Uint8Array(0))
    const header = RpcRequestHeaderProto.encode({ rpcKind: 2, rpcOp: 0, callId, clientId, retryCount })
    const frame = session.takeOutput()
    assert.equal(formatHex(frame.subarray(5, 5 + header.length)), formatHex(header))
  }
})

test('a request header in another form is read the same way', () => {
  const { requests } = serve([read('getFileInfo-013-nn.c2s.bin')])
  const { call, message } = requests[0]!
  // Caller context and state id come with audit logs and observer reads.
  const header = RpcRequestHeaderProto.encode({
    rpcKind: 2,
    rpcOp: 0,
    callId: 5,
    clientId: call.clientId,
    retryCount: 1,
    callerContext: { context: 'cli' },
    stateId: 9n,
  })
  const method = new RpcClientSession({
    user: 'u',
    protocol: call.protocol,
    clientId: call.clientId,
    events: clientEvents([]),
  })
  const context = method.takeOutput()
  method.call(5, 1, call.method, verbatim, message)
  const plain = method.takeOutput()
  const rest = plain.subarray(5 + plain[4]!)
  const frame = concatBytes([Uint8Array.of(header.length), header, rest])
  const seen = serve([context, Uint8Array.of(0, 0, 0, frame.length), frame, plain]).requests
  assert.deepEqual(
    seen.map(({ call: c }) => [c.callId, c.retryCount, c.method, c.callerContext, c.stateId]),
    [
      [5, 1, 'getFileInfo', 'cli', 9n],
      [5, 1, 'getFileInfo', undefined, undefined],
    ],
  )
})
