// A recorded RPC connection of any generation: every byte is decoded by types, and written again by the session of the
// same end from what was decoded.
import assert from 'node:assert/strict'
import { ByteReader, ByteWriter, concatBytes, formatHex } from '@cairn/bytes'
import {
  type MessageCodec,
  RpcRequestHeaderProto,
  RpcResponseHeaderProto,
  RpcSaslProto,
} from '@cairn/hadoop-proto'
import {
  type ClientSessionEvents,
  type ConnectionContext,
  generation7,
  generation8,
  generation9,
  makeGeneration4,
  type RemoteException,
  type RpcGeneration,
  type ServerCall,
  SpecialCallId,
} from '@cairn/hadoop-rpc'
import { findMethod1, hadoop1Protocols } from '../hadoop-1/protocols.ts'
import { hadoop1Types } from '../hadoop-1/writables.ts'
import { pastMethod } from '../hadoop-2.0/methods.ts'
import * as protocolTables from '../index.ts'

const generations: readonly RpcGeneration[] = [
  generation9,
  generation8,
  generation7,
  makeGeneration4({ registry: hadoop1Types, dialects: [] }),
]

interface Codecs {
  readonly name: string
  readonly request: MessageCodec<unknown>
  readonly response: MessageCodec<unknown>
}

type Methods = Readonly<Record<string, Codecs>>

/** Today's tables by the protocol's Java name. */
const today: ReadonlyMap<string, Methods> = new Map(
  Object.values(protocolTables as Readonly<Record<string, unknown>>)
    .filter(
      (value): value is { name: string; methods: Methods } =>
        typeof value === 'object' && value !== null && 'methods' in value && 'name' in value,
    )
    .map(({ name, methods }) => [name, methods]),
)

/** The codecs of what was called; undefined for a method that nobody knows. */
export function findCodecs(call: ServerCall, generation: RpcGeneration): Codecs | undefined {
  if (generation.version === 4) return codecs4(call)
  const past = pastMethod(generation.version, call.protocol, call.method)
  return past ?? today.get(call.protocol)?.[call.method]
}

function codecsOf(call: ServerCall, generation: RpcGeneration): Codecs {
  const found = findCodecs(call, generation)
  assert.ok(found, `${call.protocol} has ${call.method}`)
  return found
}

function codecs4(call: ServerCall): Codecs | undefined {
  const protocol = hadoop1Protocols.get(call.protocol)
  const parameters = new ByteReader(call.bytes, call.start, call.end).i32be()
  return protocol && findMethod1(protocol, call.method, parameters)
}

interface Request {
  readonly call: ServerCall
  readonly codecs: Codecs
  readonly message: unknown
}

type Answer =
  | { readonly callId: number; readonly message: unknown }
  | { readonly callId: number; readonly error: RemoteException }

export interface Replayed {
  readonly version: number
  /** `protocol method` of every call, in order. */
  readonly calls: readonly string[]
}

/** Whether the bytes begin as a Hadoop RPC connection of a generation that is known here. */
export function isRpc(sent: Uint8Array): boolean {
  return (
    formatHex(sent.subarray(0, 4)) === '68727063' && generations.some(({ version }) => version === sent[4])
  )
}

/** Fails with what is around the first difference: whole connections would bury it. */
function sameBytes(ours: Uint8Array, recorded: Uint8Array): void {
  const at = recorded.findIndex((byte, index) => byte !== ours[index])
  if (at === -1 && ours.length === recorded.length) return
  const from = Math.max(0, at - 40)
  const around = (bytes: Uint8Array): string => formatHex(bytes.subarray(from, from + 120))
  assert.fail(
    `encoded other bytes from ${at} of ${recorded.length} on (${ours.length}): ${around(ours)} where ${around(recorded)} was recorded`,
  )
}

/** Decodes and encodes; throws where a byte is not what it was. */
export function replayRpc(recorded: { readonly sent: Uint8Array; readonly got: Uint8Array }): Replayed {
  const generation = generations.find(({ version }) => version === recorded.sent[4])!
  const login = generation.version === 9 && recorded.sent[6] !== 0
  const sent = login ? withoutLogin(recorded.sent, 7, RpcRequestHeaderProto) : recorded.sent
  const got = login ? withoutLogin(recorded.got, 0, RpcResponseHeaderProto) : recorded.got
  const contexts: ConnectionContext[] = []
  const requests: Request[] = []
  const server = generation.serverSession({
    events: {
      onContext: (context) => contexts.push(context),
      onCall(call) {
        const codecs = codecsOf(call, generation)
        requests.push({ call, codecs, message: codecs.request.decode(call.bytes, call.start, call.end) })
      },
    },
  })
  server.receive(sent)
  assert.equal(server.midFrame, false, 'the client’s side ends with a frame')
  const answers = decodeAnswers(generation, got, requests)
  if (contexts.length > 0) sameBytes(sentAgain(generation, contexts[0]!, requests), sent)
  for (const answer of answers) {
    const request = requests.find(({ call }) => call.callId === answer.callId)!
    if ('error' in answer) server.respondError(request.call, answer.error)
    else server.respond(request.call, request.codecs.response, answer.message)
  }
  sameBytes(server.takeOutput(), got)
  return {
    version: generation.version,
    calls: requests.map(({ call }) => `${call.protocol} ${call.method}`),
  }
}

function decodeAnswers(generation: RpcGeneration, got: Uint8Array, requests: readonly Request[]): Answer[] {
  const answers: Answer[] = []
  const events: ClientSessionEvents = {
    onResponse(callId, bytes, start, end) {
      const request = requests.find(({ call }) => call.callId === callId)
      assert.ok(request, `there is a call ${callId}`)
      answers.push({ callId, message: request.codecs.response.decode(bytes, start, end) })
    },
    onError: (callId, error) => answers.push({ callId, error }),
    onFatal: (error) => assert.fail(`refused: ${error.message}`),
  }
  const client = generation.clientSession({ user: 'x', protocol: 'p', clientId: new Uint8Array(16), events })
  client.receive(got)
  assert.equal(client.midFrame, false, 'the server’s side ends with an answer')
  return answers
}

/** What our client end says for the same calls. */
function sentAgain(
  generation: RpcGeneration,
  { user, realUser, protocol }: ConnectionContext,
  requests: readonly Request[],
): Uint8Array {
  const client = generation.clientSession({
    user,
    realUser,
    protocol,
    clientId: requests[0]?.call.clientId ?? new Uint8Array(16),
    callerContext: requests[0]?.call.callerContext,
    events: { onResponse: () => {}, onError: () => {}, onFatal: () => {} },
  })
  for (const { call, codecs, message } of requests) {
    client.call(call.callId, call.retryCount, call.method, codecs.request, message)
  }
  return client.takeOutput()
}

/** The stream as if nobody had logged in; each message of the login is decoded and encoded on its own. */
function withoutLogin(
  bytes: Uint8Array,
  preambleBytes: number,
  header: typeof RpcRequestHeaderProto | typeof RpcResponseHeaderProto,
): Uint8Array {
  const kept: Uint8Array[] = [bytes.slice(0, preambleBytes)]
  if (preambleBytes > 0) kept[0]![6] = 0
  for (let at = preambleBytes; at < bytes.length; ) {
    const end = at + 4 + new ByteReader(bytes, at).u32be()
    assert.ok(end <= bytes.length, 'the stream ends with a frame')
    const reader = new ByteReader(bytes, at + 4, end)
    const head = header.decodeDelimited(reader)
    if ((head.callId | 0) === SpecialCallId.SASL) {
      const again = new ByteWriter()
      ;(header as MessageCodec<unknown>).encodeDelimited(again, head)
      RpcSaslProto.encodeDelimited(again, RpcSaslProto.decodeDelimited(reader))
      assert.equal(reader.remaining, 0)
      sameBytes(again.take(), bytes.subarray(at + 4, end))
    } else {
      kept.push(bytes.subarray(at, end))
    }
    at = end
  }
  return concatBytes(kept)
}
