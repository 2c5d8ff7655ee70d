// What our DataNode says to a NameNode of Hadoop 1, against what Java's said: calls of a recorded DataNode as today's
// messages, said again.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ByteReader, formatHex } from '@cairn/bytes'
import {
  BlockCommandProto_Action as BlockAction,
  ReceivedDeletedBlockInfoProto_BlockStatus as BlockStatus,
  DatanodeCommandProto_Type as CommandType,
  type DatanodeRegistrationProto,
  type HeartbeatResponseProto,
  type MessageCodec,
} from '@cairn/hadoop-proto'
import {
  type CallForm,
  type ClientForm,
  type MethodForm,
  RpcClientSession4,
  RpcServerSession4,
} from '@cairn/hadoop-rpc'
import { encodeBlockLongs } from '../../block-list/block-longs.ts'
import { ReplicaState } from '../../block-list/replica.ts'
import { DatanodeProtocol26 } from '../datanode-protocol.ts'
import { findMethod1, hadoop1Protocols } from '../protocols.ts'
import { hadoop1Types } from '../writables.ts'
import { datanodeDialect1, nextGenerationStamp1 } from './datanode-dialect.ts'
import { registrationOf } from './datanode-values.ts'
import { interDatanodeDialect1 } from './inter-datanode-dialect.ts'
import { blockOf, datanodeOf } from './values.ts'

const folder = new URL('../../../test-data/1.2.1/', import.meta.url)
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))

interface Recorded {
  readonly method: string
  readonly message: Uint8Array
  readonly parameters: readonly unknown[]
  answer: Uint8Array | undefined
}

/** Every call of the recorded DataNodes. */
function recordedCalls(names: RegExp): Recorded[] {
  return readdirSync(folder)
    .filter((name) => names.test(name))
    .flatMap((name) => callsOf(name.slice(0, -'.c2s.bin'.length)))
}

function callsOf(name: string): Recorded[] {
  const calls = new Map<number, Recorded>()
  const server = new RpcServerSession4({
    events: {
      onContext: () => {},
      onCall({ callId, protocol, method, bytes, start, end }) {
        const message = bytes.slice(start, end)
        const table = hadoop1Protocols.get(protocol)!
        const found = findMethod1(table, method, new ByteReader(message).i32be())!
        const parameters = found.request.decode(message) as readonly unknown[]
        calls.set(callId, { method, message, parameters, answer: undefined })
      },
    },
  })
  server.receive(read(`${name}.c2s.bin`))
  const client = new RpcClientSession4({
    user: 'x',
    protocol: 'p',
    registry: hadoop1Types,
    events: {
      onResponse: (callId, bytes, start, end) => {
        calls.get(callId)!.answer = bytes.slice(start, end)
      },
      onError: () => {},
      onFatal: () => {},
    },
  })
  client.receive(read(`${name}.s2c.bin`))
  return [...calls.values()]
}

const all = recordedCalls(/^dn-.*\.c2s\.bin$/)
const named = (method: string): Recorded[] => all.filter((call) => call.method === method)

/** What the dialect makes of today's message: its bytes on the wire, call by call. */
async function said(method: string, request: unknown): Promise<{ name: string; bytes: Uint8Array }[]> {
  const form: ClientForm | undefined = datanodeDialect1.clientForm(method, request)
  const sent: { name: string; bytes: Uint8Array }[] = []
  const make: CallForm = (one, message) => {
    sent.push({ name: one.name, bytes: one.request.encode(message) })
    const { response } =
      one.name === 'blockReport' ? DatanodeProtocol26.blockReport : DatanodeProtocol26.errorReport
    return Promise.resolve(one.response.decode((response as MessageCodec<null>).encode(null)))
  }
  if (form?.kind === 'composed') await form.run(request, make)
  else if (form?.kind === 'call')
    sent.push({ name: form.form.name, bytes: form.form.request.encode(request) })
  return sent
}

function heard(method: string, answer: Uint8Array): unknown {
  const form = datanodeDialect1.clientForm(method, { blocks: [] })
  assert.ok(form?.kind === 'call')
  return form.form.response.decode(answer)
}

type Registration1 = Parameters<typeof registrationOf>[0]
const registrationIn = ({ parameters }: Recorded): DatanodeRegistrationProto =>
  registrationOf(parameters[0] as Registration1)

const same = (sent: { name: string; bytes: Uint8Array }, call: Recorded): void => {
  assert.equal(sent.name, call.method)
  assert.equal(formatHex(sent.bytes), formatHex(call.message))
}

test('a registration, and what the NameNode says of itself [dnp1.register.1]', async () => {
  for (const call of named('register')) {
    const registration = registrationIn(call)
    same((await said('registerDatanode', { registration }))[0]!, call)
    const answer = heard('registerDatanode', call.answer!) as { registration: DatanodeRegistrationProto }
    assert.equal(answer.registration.datanodeID.ipAddr, '127.0.0.2')
    assert.equal(answer.registration.storageInfo.layoutVersion | 0, -41)
  }
  const { info } = heard('versionRequest', named('versionRequest')[0]!.answer!) as {
    info: { softwareVersion: string; blockPoolID: string }
  }
  assert.deepEqual([info.softwareVersion, info.blockPoolID], ['1.2.1', ''])
})

test('heartbeats: the volumes together, orders as today’s [dnp1.heartbeat.1] [dnp1.command.1]', async () => {
  const kinds = new Set<string>()
  for (const call of named('sendHeartbeat')) {
    const [, capacity, dfsUsed, remaining, xmitsInProgress, xceiverCount] = call.parameters as bigint[]
    const reports = [
      { storageUuid: 'a', capacity: capacity! - 5n, dfsUsed, remaining: 1n },
      { storageUuid: 'b', capacity: 5n, remaining: remaining! - 1n },
    ]
    const registration = registrationIn(call)
    const request = { registration, reports, xmitsInProgress, xceiverCount, slowPeers: [], slowDisks: [] }
    same((await said('sendHeartbeat', request))[0]!, call)
    const { cmds } = heard('sendHeartbeat', call.answer!) as HeartbeatResponseProto
    for (const { cmdType, blkCmd, recoveryCmd } of cmds) {
      kinds.add(`${cmdType} ${blkCmd?.action ?? ''}`)
      for (const { newGenStamp, block } of recoveryCmd?.blocks ?? []) {
        assert.equal(newGenStamp, 0n)
        assert.equal(block.locs.length, 2)
      }
    }
  }
  for (const wanted of [
    `${CommandType.BlockCommand} ${BlockAction.TRANSFER}`,
    `${CommandType.BlockCommand} ${BlockAction.INVALIDATE}`,
    `${CommandType.BlockRecoveryCommand} `,
  ]) {
    assert.ok(kinds.has(wanted), `${wanted} in ${[...kinds].join(', ')}`)
  }
})

test('a full report is complete replicas, and before them those being written [dnp1.report.1]', async () => {
  for (const call of named('blockReport')) {
    const longs = call.parameters[1] as bigint[]
    const finalized = Array.from({ length: longs.length / 3 }, (_, index) => ({
      blockId: longs[index * 3]!,
      numBytes: Number(longs[index * 3 + 1]!),
      generationStamp: longs[index * 3 + 2]!,
      state: ReplicaState.FINALIZED,
    }))
    const report = (replicas: Parameters<typeof encodeBlockLongs>[0]) => ({
      registration: registrationIn(call),
      reports: [{ blocks: encodeBlockLongs(replicas) }],
    })
    const sent = await said('blockReport', report(finalized))
    assert.equal(sent.length, 1)
    same(sent[0]!, call)
    const written = { blockId: -7n, numBytes: 3, generationStamp: 9n, state: ReplicaState.RBW }
    const both = await said('blockReport', report([written, ...finalized]))
    assert.equal(both[0]!.name, 'blocksBeingWrittenReport')
    const [, told] = DatanodeProtocol26.blocksBeingWrittenReport.request.decode(both[0]!.bytes)
    assert.deepEqual(told, [-7n, 3n, 9n])
    same(both[1]!, call)
  }
})

test('received blocks are told, other news are kept [dnp1.ibr.1]', async () => {
  for (const call of named('blockReceived')) {
    const [, blocks, hints] = call.parameters as [unknown, Block[], string[]]
    const told = blocks.map(({ blockId, numBytes, generationStamp }, index) => ({
      block: { blockId, numBytes, genStamp: generationStamp },
      deleteHint: hints[index],
      status: BlockStatus.RECEIVED,
    }))
    const deleted = { block: { blockId: 1n, numBytes: 1n, genStamp: 1n }, status: BlockStatus.DELETED }
    const registration = registrationIn(call)
    const request = { registration, blocks: [{ blocks: [deleted] }, { blocks: told }] }
    same((await said('blockReceivedAndDeleted', request))[0]!, call)
    assert.deepEqual(
      await said('blockReceivedAndDeleted', { registration, blocks: [{ blocks: [deleted] }] }),
      [],
    )
  }
})

interface Block {
  readonly blockId: bigint
  readonly numBytes: bigint
  readonly generationStamp: bigint
}

test('the primary of a recovery asks for a stamp, and tells the outcome [dnp1.recovery.1]', async () => {
  const [asked] = named('nextGenerationStamp')
  const form: MethodForm<{ block: ReturnType<typeof blockOf> }, { generationStamp: bigint }> =
    nextGenerationStamp1
  const block = blockOf((asked!.parameters as [Block])[0])
  assert.equal(formatHex(form.request.encode({ block })), formatHex(asked!.message))
  assert.equal(form.response.decode(asked!.answer!).generationStamp, 1025n)
  const [told] = named('commitBlockSynchronization')
  const [was, newGenStamp, newLength, closeFile, deleteBlock, targets] = told!.parameters as [
    Block,
    bigint,
    bigint,
    boolean,
    boolean,
    { value: Parameters<typeof datanodeOf>[0] }[],
  ]
  const newTaragets = targets.map(({ value }) => datanodeOf(value).id)
  const commit = { block: blockOf(was), newGenStamp, newLength, closeFile, deleteBlock, newTaragets }
  const [sent] = await said('commitBlockSynchronization', commit)
  const [, , , , , nodes] = DatanodeProtocol26.commitBlockSynchronization.request.decode(sent!.bytes)
  // Java's has the whole DatanodeInfo of each node; what counts is its id.
  assert.deepEqual(
    nodes?.map((node) => node && [node.kind, node.value.name, node.value.storageID]),
    targets.map(({ value }) => ['id', value.name, value.storageID]),
  )
})

test('the primary of a recovery asks other DataNodes as Java’s does [dnp1.recovery.2]', () => {
  const calls = recordedCalls(/^lease-recovery-062-dn2ipc\.c2s\.bin$/)
  const [asked, told] = ['startBlockRecovery', 'updateBlock'].map(
    (method) => calls.find((call) => call.method === method)!,
  )
  const formOf = (method: string): MethodForm => {
    const form = interDatanodeDialect1.clientForm(method, {})
    assert.ok(form?.kind === 'call')
    return form.form
  }
  const block = blockOf((asked!.parameters as [Block])[0])
  const start = formOf('initReplicaRecovery')
  assert.equal(formatHex(start.request.encode({ block: { block: { b: block } } })), formatHex(asked!.message))
  const found = { blockId: block.blockId, genStamp: 1024n, numBytes: 3000n }
  assert.deepEqual(start.response.decode(asked!.answer!), { replicaFound: true, state: 1, block: found })
  const update = formOf('updateReplicaUnderRecovery')
  const request = { block: { ...block, numBytes: 3000n }, recoveryId: 1025n, newLength: 3000n }
  assert.equal(formatHex(update.request.encode(request)), formatHex(told!.message))
})
