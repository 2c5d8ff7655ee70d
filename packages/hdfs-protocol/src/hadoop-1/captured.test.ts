import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ByteReader, type ByteWriter, formatHex, ProtocolError } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import {
  type ConnectionContext,
  RemoteException,
  RpcClientSession4,
  RpcServerSession4,
  type ServerCall,
} from '@cairn/hadoop-rpc'
import { type JavaObject, readObject, writeJavaObject } from '@cairn/hadoop-writable'
import { mutated, randomInteger, seededRandom } from '@cairn/testkit'
import { hadoop1Types } from './writables.ts'

const folder = new URL('../../test-data/1.2.1/', import.meta.url)
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.c2s.bin'))
  .map((name) => name.slice(0, -'.c2s.bin'.length))
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))

/** Only what sessions call. */
const codec = (write: (writer: ByteWriter) => void): MessageCodec<undefined> => ({
  typeName: 'test',
  fields: [],
  write,
  encode: () => new Uint8Array(),
  encodeDelimited: () => {},
  decode: () => undefined,
  read: () => undefined,
  decodeDelimited: () => undefined,
})

const parameters = (objects: readonly JavaObject[]) =>
  codec((writer) => {
    writer.i32be(objects.length)
    for (const object of objects) writeJavaObject(writer, object, hadoop1Types)
  })
const result = (object: JavaObject) => codec((writer) => writeJavaObject(writer, object, hadoop1Types))

interface Request {
  readonly call: ServerCall
  readonly parameters: JavaObject[]
}

function readParameters(call: ServerCall): JavaObject[] {
  const reader = new ByteReader(call.bytes, call.start, call.end)
  const count = reader.i32be()
  const objects = Array.from({ length: count }, () => readObject(reader, hadoop1Types))
  assert.equal(reader.remaining, 0)
  return objects
}

function serve(chunks: Iterable<Uint8Array>) {
  const contexts: ConnectionContext[] = []
  const requests: Request[] = []
  const session = new RpcServerSession4({
    events: {
      onContext: (context) => contexts.push(context),
      onCall: (call) => requests.push({ call, parameters: readParameters(call) }),
    },
  })
  for (const chunk of chunks) session.receive(chunk)
  return { session, contexts, requests }
}

type Answer = { callId: number; object: JavaObject } | { callId: number; error: RemoteException }

function client(answers: Answer[], context: Partial<ConnectionContext> = {}): RpcClientSession4 {
  return new RpcClientSession4({
    user: context.user ?? 'x',
    realUser: context.realUser,
    protocol: context.protocol ?? 'p',
    registry: hadoop1Types,
    events: {
      onResponse: (callId, bytes, start, end) =>
        answers.push({ callId, object: readObject(new ByteReader(bytes, start, end), hadoop1Types) }),
      onError: (callId, error) => answers.push({ callId, error }),
      onFatal: (error) => answers.push({ callId: Number.NaN, error }),
    },
  })
}

function receive(chunks: Iterable<Uint8Array>) {
  const answers: Answer[] = []
  const session = client(answers)
  for (const chunk of chunks) session.receive(chunk)
  return { answers, session }
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))

test('there are captures', () => assert.ok(names.length > 25))

for (const name of names) {
  test(`${name}: both directions decode, and encode back to the same bytes`, () => {
    const sent = read(`${name}.c2s.bin`)
    const { session, contexts, requests } = serve([sent])
    const { answers, session: receiver } = receive([read(`${name}.s2c.bin`)])
    assert.equal(contexts.length, 1)
    assert.equal(session.midFrame, false)
    assert.equal(receiver.midFrame, false)

    // [hrpc4.preamble.1] [hrpc4.context.1] [hrpc4.call.1] [hrpc4.object.1]: our client end writes what Java's wrote.
    const again = client([], contexts[0])
    for (const { call, parameters: objects } of requests) {
      again.call(call.callId, 0, call.method, parameters(objects), undefined)
    }
    assert.equal(formatHex(again.takeOutput()), formatHex(sent))

    // [hrpc4.response.1] [hrpc4.error.1]: our server end writes what Java's wrote, in the same order.
    for (const answer of answers) {
      const request = requests.find(({ call }) => call.callId === answer.callId)
      assert.ok(request !== undefined, `answer to call ${answer.callId}`)
      if ('error' in answer) session.respondError(request.call, answer.error)
      else session.respond(request.call, result(answer.object), undefined)
    }
    assert.equal(formatHex(session.takeOutput()), formatHex(read(`${name}.s2c.bin`)))
  })
}

for (const name of ['getFileInfo-013-nn', 'open-missing-020-nn', 'getListing-016-nn']) {
  test(`${name}: every split, and every byte alone, equals one chunk`, () => {
    const sent = read(`${name}.c2s.bin`)
    const got = read(`${name}.s2c.bin`)
    const told = ({ requests }: ReturnType<typeof serve>) =>
      shown(requests.map(({ call, parameters: objects }) => [call.callId, call.method, objects]))
    const whole = told(serve([sent]))
    const answers = shown(receive([got]).answers)
    const partsOf = (bytes: Uint8Array, at: number) => [bytes.subarray(0, at), bytes.subarray(at)]
    for (let at = 0; at <= sent.length; at++) assert.equal(told(serve(partsOf(sent, at))), whole)
    for (let at = 0; at <= got.length; at++) assert.equal(shown(receive(partsOf(got, at)).answers), answers)
    assert.equal(told(serve([...sent].map((byte) => Uint8Array.of(byte)))), whole)
    assert.equal(shown(receive([...got].map((byte) => Uint8Array.of(byte))).answers), answers)
  })
}

// [hrpc4.call.3] [hrpc4.auth.1] [hrpc4.error.2]
test('pings are no calls; who wants to log in is told to go on without; a broken header is refused', () => {
  const sent = read('getFileInfo-013-nn.c2s.bin').slice()
  const ping = Uint8Array.of(0xff, 0xff, 0xff, 0xff)
  assert.equal(serve([sent.subarray(0, 65), ping, sent.subarray(65), ping]).requests.length, 2)
  sent[5] = 81
  const login = Uint8Array.of(0, 0, 0, 1, 7)
  const { session, requests } = serve([sent.subarray(0, 6), login, sent.subarray(6)])
  assert.equal(requests.length, 2)
  assert.equal(formatHex(session.takeOutput()), '0000000000000004ffffffa8')
  const broken = new RpcServerSession4({ events: { onContext: () => {}, onCall: () => {} } })
  assert.throws(() => broken.receive(Uint8Array.of(0x68, 0x72, 0x70, 0x63, 4, 80, 0, 0, 0, 1, 0x7f)), {
    code: 'ERR_HRPC_HEADER',
  })
  const { answers } = receive([broken.takeOutput()])
  assert.ok('error' in answers[0]! && Number.isNaN(answers[0].callId))
})

test('damaged and random streams end in events or ProtocolError, never in anything else', () => {
  const random = seededRandom(4)
  const allowed = (step: () => unknown) => {
    try {
      step()
    } catch (error) {
      const isFine = error instanceof ProtocolError || error instanceof RemoteException
      assert.ok(isFine || (error instanceof Error && error.name === 'AssertionError'), String(error))
    }
  }
  for (let round = 0; round < 3000; round++) {
    const name = names[randomInteger(random, names.length)]!
    allowed(() => serve([mutated(read(`${name}.c2s.bin`).subarray(0, 3000), random)]))
    allowed(() => receive([mutated(read(`${name}.s2c.bin`).subarray(0, 3000), random)]))
  }
})
