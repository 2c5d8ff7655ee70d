import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatHex } from '@cairn/bytes'
import { RpcClientSession4, RpcServerSession4, type ServerCall } from '@cairn/hadoop-rpc'
import { ClientProtocol61, clientProtocol1 } from './client-protocol.ts'
import { hadoop1Types } from './writables.ts'

const folder = new URL('../../test-data/1.2.1/', import.meta.url)
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))
const names = readdirSync(folder)
  .filter((name) => name.endsWith('-nn.c2s.bin') && !name.startsWith('dn-'))
  .map((name) => name.slice(0, -'.c2s.bin'.length))

interface Call {
  readonly method: string
  readonly message: Uint8Array
}

function callsOf(name: string): Map<number, Call> {
  const calls = new Map<number, Call>()
  const session = new RpcServerSession4({
    events: {
      onContext: ({ protocol }) => assert.equal(protocol, clientProtocol1.name),
      onCall: (call: ServerCall) =>
        calls.set(call.callId, { method: call.method, message: call.bytes.slice(call.start, call.end) }),
    },
  })
  session.receive(read(`${name}.c2s.bin`))
  return calls
}

function answersOf(name: string): Map<number, Uint8Array> {
  const answers = new Map<number, Uint8Array>()
  const session = new RpcClientSession4({
    user: 'x',
    protocol: 'p',
    registry: hadoop1Types,
    events: {
      onResponse: (callId, bytes, start, end) => answers.set(callId, bytes.slice(start, end)),
      onError: () => {},
      onFatal: () => {},
    },
  })
  session.receive(read(`${name}.s2c.bin`))
  return answers
}

/** The table's entry for what was called: overloads differ in the number of parameters. */
function methodOf({ method, message }: Call) {
  const count = new DataView(message.buffer, message.byteOffset).getInt32(0)
  const found = Object.values(ClientProtocol61).find(
    ({ name, parameters }) => name === method && parameters.length === count,
  )
  assert.ok(found, `${method} with ${count} parameters is in the table`)
  return found
}

test('every recorded call and answer has the types of the table, and is written again byte for byte', () => {
  const seen = new Set<string>()
  for (const name of names) {
    const answers = answersOf(name)
    for (const [callId, call] of callsOf(name)) {
      if (call.method === 'getDelegationToken') continue
      const { request, response } = methodOf(call)
      seen.add(call.method)
      // One type for all methods: the table's types are checked where they are used.
      const roundTrip = (codec: { decode(bytes: Uint8Array): unknown }, bytes: Uint8Array) => {
        const { encode } = codec as unknown as { encode(value: unknown): Uint8Array }
        assert.equal(formatHex(encode(codec.decode(bytes))), formatHex(bytes), `${name}: ${call.method}`)
      }
      roundTrip(request, call.message)
      const answer = answers.get(callId)
      if (answer) roundTrip(response, answer)
    }
  }
  assert.ok(seen.size >= 11, [...seen].join(' '))
})

test('values have the types that the table promises', () => {
  const [, call] = [...callsOf('getFileInfo-013-nn')][1]!
  const [src] = ClientProtocol61.getFileInfo.request.decode(call.message)
  assert.equal(src, '/cap/small')
  const status = ClientProtocol61.getFileInfo.response.decode(answersOf('getFileInfo-013-nn').get(1)!)
  assert.equal(status?.length, 11n)
  assert.equal(status.owner, 'root')
  assert.equal(status.permission.mode, 0o644)
  const version = ClientProtocol61.getProtocolVersion.response.decode(answersOf('getFileInfo-013-nn').get(0)!)
  assert.equal(version, clientProtocol1.version)
  assert.equal(
    ClientProtocol61.getFileInfo.response.decode(answersOf('getFileInfo-missing-015-nn').get(1)!),
    null,
  )
})

test('another class than the declared one, and another count of parameters, are refused', () => {
  const twoStrings = ClientProtocol61.complete.request.encode(['a', 'b'])
  assert.throws(() => ClientProtocol61.setReplication.request.decode(twoStrings), {
    code: 'ERR_WRITABLE_CLASS',
  })
  assert.throws(() => ClientProtocol61.getFileInfo.request.decode(twoStrings), { code: 'ERR_WRITABLE_COUNT' })
  const trailing = Uint8Array.of(...ClientProtocol61.renewLease.request.encode(['c']), 0)
  assert.throws(() => ClientProtocol61.renewLease.request.decode(trailing), { code: 'ERR_WRITABLE_LENGTH' })
})
