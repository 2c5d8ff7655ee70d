// Recorded connections as text, to be read: who said what, in which order. After a wanted change
// UPDATE_TRANSCRIPTS=1 writes the files anew; review them like prose.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import * as proto from '@cairn/hadoop-proto'
import { RpcClientSession, RpcServerSession } from './index.ts'

const captures = new URL('../test-data/3.4.3/', import.meta.url)
const transcripts = new URL('../test-data/transcripts/', import.meta.url)
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, captures)))

const protocols: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'org.apache.hadoop.hdfs.protocol.ClientProtocol': proto.ClientNamenodeProtocol,
  'org.apache.hadoop.hdfs.protocol.ClientDatanodeProtocol': proto.ClientDatanodeProtocol,
  'org.apache.hadoop.hdfs.server.protocol.InterDatanodeProtocol': proto.InterDatanodeProtocol,
}

interface Codecs {
  readonly request: proto.MessageCodec<unknown>
  readonly response: proto.MessageCodec<unknown>
}

function isCodecs(value: unknown): value is Codecs {
  return typeof value === 'object' && value !== null && 'request' in value && 'response' in value
}

/** A message on one line; bytes as hex. */
function text(message: unknown): string {
  return JSON.stringify(message, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}`
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  })
}

function transcribe(name: string): string {
  const lines: string[] = []
  const codecsOf = new Map<number, Codecs>()
  const server = new RpcServerSession({
    events: {
      onContext: ({ user, protocol }) => lines.push(`> context user ${user}, protocol ${protocol}`),
      onCall(call) {
        const codecs = protocols[call.protocol]?.[call.method]
        assert.ok(isCodecs(codecs), `${call.protocol} ${call.method}`)
        codecsOf.set(call.callId, codecs)
        const request = codecs.request.decode(call.bytes, call.start, call.end)
        lines.push(`> call ${call.callId} retry ${call.retryCount} ${call.method} ${text(request)}`)
      },
    },
  })
  server.receive(read(`${name}.c2s.bin`))
  const client = new RpcClientSession({
    user: '',
    protocol: '',
    clientId: new Uint8Array(16),
    events: {
      onResponse(callId, bytes, start, end) {
        lines.push(`< ${callId} ${text(codecsOf.get(callId)?.response.decode(bytes, start, end))}`)
      },
      onError: (callId, error) => lines.push(`< ${callId} ${error.javaClass}: ${error.message}`),
      onFatal: (error) => lines.push(`< fatal ${error.javaClass}: ${error.message}`),
    },
  })
  client.receive(read(`${name}.s2c.bin`))
  return `${lines.join('\n')}\n`
}

for (const name of [
  'write-small-025-nn',
  'open-missing-020-nn',
  'denied-mkdirs-022-nn',
  'lease-recovery-060-dn1ipc',
]) {
  test(`${name} reads as its transcript says`, () => {
    const file = new URL(`${name}.txt`, transcripts)
    if (process.env.UPDATE_TRANSCRIPTS === '1') writeFileSync(file, transcribe(name))
    assert.equal(transcribe(name), readFileSync(file, 'utf8'))
  })
}
