// Recorded connections, changed, into every decoder of every generation. Whatever comes: a value, a wait for more, or a
// ProtocolError; soon, and without much memory.
import { ByteReader, ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import { portableKernel } from '@cairn/checksum'
import { type MessageCodec, OpWriteBlockProto_BlockConstructionStage as Stage } from '@cairn/hadoop-proto'
import { PreambleSession, RemoteException, type ServerCall } from '@cairn/hadoop-rpc'
import { ObjectScanner, readObject, writeJavaObject } from '@cairn/hadoop-writable'
import { type Random, randomInteger, seededRandom } from '@cairn/testkit'
import { BlockReadClientSession } from '../data-transfer/block-read-client.ts'
import { BlockWriteClientSession } from '../data-transfer/block-write-client.ts'
import { BlockWriteServerSession } from '../data-transfer/block-write-server.ts'
import { dataTransferVersionAt, dataTransferVersions } from '../data-transfer/data-transfer-versions.ts'
import type { OperationName } from '../data-transfer/operation.ts'
import { OutgoingPackets } from '../data-transfer/outgoing-packets.ts'
import { hdfsGenerations } from '../generations/hdfs-generations.ts'
import { hadoop1Types } from '../hadoop-1/writables.ts'
import { captureFolders, connectionsIn } from './folders.test-support.ts'
import { hostile } from './fuzz-mutations.test-support.ts'
import { findCodecs, isRpc } from './replay-rpc.test-support.ts'
import { transferVersion } from './replay-transfer.test-support.ts'

/** Most bytes of a connection that are changed: what comes later is of the same kinds. */
const sampleBytesMax = 4096
/** An execution that takes longer is a fault. */
const executionMsMax = 2_000

interface RpcSample {
  readonly version: number
  readonly sent: Uint8Array
  readonly got: Uint8Array
  readonly calls: ReadonlyMap<number, ServerCall>
}

interface TransferSample {
  readonly version: number
  readonly sent: Uint8Array
  readonly got: Uint8Array
}

interface Corpus {
  readonly rpc: readonly RpcSample[]
  readonly transfer: readonly TransferSample[]
}

/** All recordings that can be read. */
export function loadCorpus(): Corpus {
  const rpc: RpcSample[] = []
  const transfer: TransferSample[] = []
  for (const folder of captureFolders) {
    for (const { sent, got } of connectionsIn(folder)) {
      const version = transferVersion(sent)?.version
      if (version !== undefined) transfer.push({ version, sent: cut(sent), got: cut(got) })
      else if (isRpc(sent))
        rpc.push({ version: sent[4]!, sent: cut(sent), got: cut(got), calls: callsIn(sent) })
    }
  }
  return { rpc, transfer }
}

const cut = (bytes: Uint8Array): Uint8Array => bytes.slice(0, sampleBytesMax)

function callsIn(sent: Uint8Array): Map<number, ServerCall> {
  const calls = new Map<number, ServerCall>()
  const { serverSession } = generationOf(sent[4]!)
  const session = serverSession({
    events: {
      onContext: () => {},
      onCall: (call) =>
        calls.set(call.callId, {
          ...call,
          bytes: call.bytes.slice(call.start, call.end),
          start: 0,
          end: call.end - call.start,
        }),
    },
  })
  // Of those that log in with a token only the beginning is of use.
  survives(() => session.receive(sent))
  return calls
}

const generationOf = (version: number) =>
  hdfsGenerations.find((generation) => generation.version === version)!
const pick = <T>(list: readonly T[], random: Random): T => list[randomInteger(random, list.length)]!

/** The code with which bytes were refused; undefined when they were not. Anything but a refusal is a fault. */
function survives(work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    if (error instanceof RemoteException) return 'RemoteException'
    throw error
  }
}

/** Decodes; what came out must be possible to encode, or be refused as such. */
function bothWays(
  codec: MessageCodec<unknown> | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (codec) codec.encode(codec.decode(bytes, start, end))
}

type Target = (corpus: Corpus, random: Random) => { readonly input: Uint8Array; readonly run: () => void }

function serverTarget(own: boolean): Target {
  return ({ rpc }, random) => {
    const sample = pick(rpc, random)
    const generation = own ? generationOf(sample.version) : pick(hdfsGenerations, random)
    const input = hostile(sample.sent, pick(rpc, random).sent, random)
    const run = () => {
      const session = generation.serverSession({
        events: {
          onContext: () => {},
          onCall: (call) => {
            survives(() => bothWays(findCodecs(call, generation)?.request, call.bytes, call.start, call.end))
            const said = generation.dialects.get(call.protocol)?.serverForm(call)
            if (said?.kind === 'call') {
              survives(() => bothWays(said.form.request, call.bytes, call.start, call.end))
            } else {
              survives(() => said?.form.request.decode(call.bytes, call.start, call.end))
            }
          },
        },
      })
      feed(session, input, random)
    }
    return { input, run }
  }
}

/** In one piece or in two: a fault may be in what is kept between them. */
function feed(session: { receive(chunk: Uint8Array): void }, input: Uint8Array, random: Random): void {
  const at = randomInteger(random, 4) === 0 ? randomInteger(random, input.length + 1) : input.length
  session.receive(input.subarray(0, at))
  if (at < input.length) session.receive(input.subarray(at))
}

function clientTarget(own: boolean): Target {
  return ({ rpc }, random) => {
    const sample = pick(rpc, random)
    const generation = own ? generationOf(sample.version) : pick(hdfsGenerations, random)
    const input = hostile(sample.got, pick(rpc, random).got, random)
    const run = () => {
      const session = generation.clientSession({
        user: 'x',
        protocol: 'p',
        clientId: new Uint8Array(16),
        events: {
          onResponse: (callId, bytes, start, end) => {
            const call = sample.calls.get(callId)
            if (!call || !own) return
            survives(() => bothWays(findCodecs(call, generation)?.response, bytes, start, end))
            const form = generation.dialects.get(call.protocol)?.serverForm(call)?.form
            if (form) survives(() => form.response.decode(bytes, start, end))
          },
          onError: () => {},
          onFatal: () => {},
        },
      })
      feed(session, input, random)
    }
    return { input, run }
  }
}

/** A stranger's first bytes. */
const preamble: Target = ({ rpc, transfer }, random) => {
  const chosen = pick(random() < 0.8 ? rpc : transfer, random)
  const input = hostile(chosen.sent.subarray(0, 40), pick(rpc, random).sent, random)
  const run = () => {
    const events = { onContext: () => {}, onCall: () => {} }
    const session = new PreambleSession({ generations: hdfsGenerations, events })
    session.receive(input)
    session.chosen?.process()
  }
  return { input, run }
}

/** One message by itself, with the types of its method. */
const message: Target = ({ rpc }, random) => {
  const sample = pick(rpc, random)
  const call = pick([...sample.calls.values()], random)
  if (!call) return { input: new Uint8Array(0), run: () => {} }
  const input = hostile(call.bytes, pick(rpc, random).got, random)
  const run = () => bothWays(findCodecs(call, generationOf(sample.version))?.request, input, 0, input.length)
  return { input, run }
}

/** One value of Hadoop 1 by itself, of whatever class it says. */
const writable: Target = ({ rpc }, random) => {
  const first = rpc.filter(({ version }) => version === 4)
  const sample = pick(first, random)
  const call = pick([...sample.calls.values()], random)
  const values = call && call.bytes.length > 4 ? call.bytes.subarray(4) : sample.got.subarray(8)
  const input = hostile(values, pick(first, random).got, random)
  const run = () => {
    // In two pieces, without a look at what it is.
    survives(() => {
      const scanner = new ObjectScanner(hadoop1Types)
      const half = new ByteReader(input, 0, randomInteger(random, input.length + 1))
      if (!scanner.scan(half)) scanner.scan(new ByteReader(input))
    })
    const reader = new ByteReader(input)
    const writer = new ByteWriter()
    while (reader.remaining > 0) writeJavaObject(writer, readObject(reader, hadoop1Types), hadoop1Types)
  }
  return { input, run }
}

const bufferOf = (input: Uint8Array): ReceiveBuffer => {
  const buffer = new ReceiveBuffer({ maxBytes: 1 << 25 })
  buffer.push(input)
  return buffer
}

/** A DataNode's end: any operation, then what may follow it. */
const transferServer: Target = ({ transfer }, random) => {
  const input = hostile(pick(transfer, random).sent, pick(transfer, random).sent, random)
  const run = () => {
    const buffer = bufferOf(input)
    for (let round = 0; round < 8; round++) {
      const version = dataTransferVersionAt(buffer)
      const operation = version?.takeOperation(buffer)
      if (!version || !operation) return
      if (operation.name === 'WRITE_BLOCK') {
        const session = new BlockWriteServerSession(operation.request, 0, buffer, version)
        for (let packet = session.next(); packet; packet = session.next())
          session.verify(packet, portableKernel)
        return
      }
      if (operation.name === 'READ_BLOCK') version.takeReadStatus(buffer)
    }
  }
  return { input, run }
}

const token = { identifier: new Uint8Array(0), password: new Uint8Array(0), kind: '', service: '' }
const block = { poolId: '', blockId: 7n, generationStamp: 1001n, numBytes: 5000n }

/** A reader's end. */
const transferReader: Target = ({ transfer }, random) => {
  const sample = pick(transfer, random)
  const version = dataTransferVersions.find((known) => known.version === sample.version)!
  const input = hostile(sample.got, pick(transfer, random).sent, random)
  const run = () => {
    const request = { block, token, clientName: 'c', offset: 0, length: 1 + randomInteger(random, 9000) }
    const session = new BlockReadClientSession(request, portableKernel, undefined, version)
    session.input.push(input)
    while (session.next() !== undefined);
  }
  return { input, run }
}

const answered: readonly OperationName[] = ['READ_BLOCK', 'WRITE_BLOCK', 'BLOCK_CHECKSUM', 'COPY_BLOCK']

/** A writer's end, and answers of every kind by themselves. */
const transferWriter: Target = ({ transfer }, random) => {
  const sample = pick(transfer, random)
  const version = dataTransferVersions.find((known) => known.version === sample.version)!
  const input = hostile(sample.got, pick(transfer, random).got, random)
  const run = () => {
    survives(() => {
      const buffer = bufferOf(input)
      version.takeResponse(pick(answered, random), buffer)
      while (version.takeAck(buffer) !== undefined);
    })
    const format = { type: 'CRC32', bytesPerChecksum: 512 } as const
    const packets = new OutgoingPackets({ kernel: portableKernel, format, version, packetDataBytes: 1024 })
    packets.write(new Uint8Array(3000))
    const header = { baseHeader: { block, token }, clientName: 'c' }
    const request = {
      header,
      targets: [],
      stage: Stage.PIPELINE_SETUP_CREATE,
      pipelineSize: 1,
      minBytesRcvd: 0n,
      maxBytesRcvd: 0n,
      latestGenerationStamp: 0n,
      requestedChecksum: { type: 1, bytesPerChecksum: 512 },
      targetStorageTypes: [],
      targetPinnings: [],
      targetStorageIds: [],
    }
    const session = new BlockWriteClientSession(request, packets)
    session.takeOutput()
    session.input.push(input)
    while (session.next() !== undefined) session.takeOutput()
  }
  return { input, run }
}

/** By name, so that a fault says where it is. */
export const fuzzTargets: Readonly<Record<string, Target>> = {
  'server session': serverTarget(true),
  'server session of another generation': serverTarget(false),
  'client session': clientTarget(true),
  'client session of another generation': clientTarget(false),
  'first bytes': preamble,
  'one message': message,
  'one Writable': writable,
  'data transfer, DataNode’s end': transferServer,
  'data transfer, reader’s end': transferReader,
  'data transfer, writer’s end': transferWriter,
}

const names = Object.keys(fuzzTargets)

/** What one execution came to. */
export interface FuzzOutcome {
  readonly target: string
  readonly input: Uint8Array
  /** Code of the refusal; undefined: the bytes were taken. */
  readonly refused: string | undefined
  /** Anything else than a refusal, or too long a time. */
  readonly fault: unknown
}

/** Execution `run` of a seed: the same numbers give the same bytes. */
export function fuzzOnce(corpus: Corpus, seed: number, run: number): FuzzOutcome {
  const random = seededRandom(Math.imul(seed, 0x9e37_79b1) + run)
  // The first numbers of neighbouring seeds are alike.
  random()
  const target = names[run % names.length]!
  const { input, run: execute } = fuzzTargets[target]!(corpus, random)
  const begunMs = performance.now()
  let refused: string | undefined
  let fault: unknown
  try {
    refused = survives(execute)
  } catch (error) {
    fault = error
  }
  const tookMs = performance.now() - begunMs
  if (fault === undefined && tookMs > executionMsMax) fault = new Error(`took ${Math.round(tookMs)} ms`)
  return { target, input, refused, fault }
}
