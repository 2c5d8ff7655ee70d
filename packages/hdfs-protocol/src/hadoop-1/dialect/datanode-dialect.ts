// How Hadoop 1 speaks DatanodeProtocol: version 26. A DataNode is one storage there, blocks have no pools, and
// what is deleted or being received is not told.
import {
  type BlockReceivedAndDeletedRequestProto,
  type BlockReportRequestProto,
  type BlockReportResponseProto,
  ReceivedDeletedBlockInfoProto_BlockStatus as BlockStatus,
  type CommitBlockSynchronizationRequestProto,
  type DatanodeErrorReportRequestProto,
  type DatanodeReportBadBlocksRequestProto,
  type ExtendedBlockProto,
  NNHAStatusHeartbeatProto_State as HaState,
  type HeartbeatRequestProto,
  type HeartbeatResponseProto,
  type RegisterDatanodeRequestProto,
  type VersionResponseProto,
} from '@cairn/hadoop-proto'
import type { ClientForm, MethodForm, ProtocolDialect } from '@cairn/hadoop-rpc'
import { decodeBlockLongs } from '../../block-list/block-longs.ts'
import { ReplicaState } from '../../block-list/replica.ts'
import { DatanodeProtocol26, datanodeProtocol1 } from '../datanode-protocol.ts'
import { commandOf, datanodeId1Of, registration1Of, registrationOf } from './datanode-values.ts'
import { call, form, nothing } from './form.ts'
import { protocolVersion, serverFormFinder } from './server-forms.ts'
import { block1Of, locatedBlock1Of, present, signed, unsigned } from './values.ts'

/** What only servers ask for: a client end has no use of it. */
const notServed = (): never => {
  throw new TypeError('decode a request of DatanodeProtocol 26: only DataNodes speak it here')
}

const versionRequest = form(DatanodeProtocol26.versionRequest, {
  parameters: () => [],
  request: () => ({}),
  result: notServed,
  response: (result): VersionResponseProto => {
    const info = present(result, 'a NamespaceInfo')
    return {
      info: {
        buildVersion: info.revision,
        unused: info.distributedUpgradeVersion >>> 0,
        blockPoolID: '',
        storageInfo: {
          layoutVersion: info.layoutVersion >>> 0,
          namespceID: info.namespaceID >>> 0,
          clusterID: '',
          cTime: unsigned(info.cTime),
        },
        softwareVersion: info.version,
      },
    }
  },
})

const registerDatanode = form(DatanodeProtocol26.register, {
  parameters: ({ registration }: RegisterDatanodeRequestProto) => [registration1Of(registration)],
  request: ([registration]) => ({
    registration: registrationOf(present(registration, 'a DatanodeRegistration')),
  }),
  result: ({ registration }: RegisterDatanodeRequestProto) => registration1Of(registration),
  response: (registration) => ({
    registration: registrationOf(present(registration, 'a DatanodeRegistration')),
  }),
})

const sum = (values: readonly (bigint | undefined)[]): bigint =>
  signed(values.reduce<bigint>((total, value) => total + (value ?? 0n), 0n))

/** The one NameNode rules [dnp1.heartbeat.1]. */
const sendHeartbeat = form(DatanodeProtocol26.sendHeartbeat, {
  parameters: ({ registration, reports, xmitsInProgress, xceiverCount }: HeartbeatRequestProto) => [
    registration1Of(registration),
    sum(reports.map(({ capacity }) => capacity)),
    sum(reports.map(({ dfsUsed }) => dfsUsed)),
    sum(reports.map(({ remaining }) => remaining)),
    xmitsInProgress ?? 0,
    xceiverCount ?? 0,
  ],
  request: notServed,
  result: notServed,
  response: (commands): HeartbeatResponseProto => ({
    cmds: (commands ?? []).flatMap((command) => commandOf(command) ?? []),
    haStatus: { state: HaState.ACTIVE, txid: 0n },
  }),
})

interface Longs {
  readonly registration: BlockReportRequestProto['registration']
  readonly longs: readonly bigint[]
}

const finalizedBlocks = form(DatanodeProtocol26.blockReport, {
  parameters: ({ registration, longs }: Longs) => [registration1Of(registration), longs],
  request: notServed,
  result: notServed,
  response: (command): BlockReportResponseProto => ({ cmd: commandOf(command) }),
})

const blocksBeingWritten = form(DatanodeProtocol26.blocksBeingWrittenReport, {
  parameters: ({ registration, longs }: Longs) => [registration1Of(registration), longs],
  request: notServed,
  ...nothing,
})

/** Three longs a block, without today's head and states [dnp1.report.1]. */
const blockReport: ClientForm = {
  kind: 'composed',
  async run(request, make): Promise<BlockReportResponseProto> {
    const { registration, reports } = request as BlockReportRequestProto
    const replicas = reports.flatMap(({ blocks }) => decodeBlockLongs(blocks))
    const longsOf = (chosen: typeof replicas): bigint[] =>
      chosen.flatMap(({ blockId, numBytes, generationStamp }) => [
        signed(blockId),
        BigInt(numBytes),
        signed(generationStamp),
      ])
    const isWritten = ({ state }: (typeof replicas)[number]): boolean => state !== ReplicaState.FINALIZED
    const written = longsOf(replicas.filter(isWritten))
    if (written.length > 0) await make(blocksBeingWritten, { registration, longs: written })
    const finalized = longsOf(replicas.filter((replica) => !isWritten(replica)))
    return make(finalizedBlocks, { registration, longs: finalized })
  },
}

const blockReceived = form(DatanodeProtocol26.blockReceived, {
  parameters: ({ registration, blocks }: BlockReceivedAndDeletedRequestProto) => {
    const received = receivedOf(blocks)
    return [
      registration1Of(registration),
      received.map(({ block }) => ({
        blockId: signed(block.blockId),
        numBytes: signed(block.numBytes ?? 0n),
        generationStamp: signed(block.genStamp),
      })),
      received.map(({ deleteHint }) => deleteHint ?? ''),
    ]
  },
  request: notServed,
  ...nothing,
})

const receivedOf = (storages: BlockReceivedAndDeletedRequestProto['blocks']) =>
  storages.flatMap(({ blocks }) => blocks.filter(({ status }) => status === BlockStatus.RECEIVED))

/** Of other news Hadoop 1 wants to hear nothing [dnp1.ibr.1]. */
function blockNews({ blocks }: BlockReceivedAndDeletedRequestProto): ClientForm {
  return receivedOf(blocks).length > 0 ? call(blockReceived) : nothingToSay
}

const nothingToSay: ClientForm = { kind: 'local', answer: () => ({}) }

const errorReport = form(DatanodeProtocol26.errorReport, {
  parameters: ({ registartion, errorCode, msg }: DatanodeErrorReportRequestProto) => [
    registration1Of(registartion),
    errorCode,
    msg,
  ],
  request: notServed,
  ...nothing,
})

const reportBadBlocks = form(DatanodeProtocol26.reportBadBlocks, {
  parameters: ({ blocks }: DatanodeReportBadBlocksRequestProto) => [blocks.map(locatedBlock1Of)],
  request: notServed,
  ...nothing,
})

const commitBlockSynchronization = form(DatanodeProtocol26.commitBlockSynchronization, {
  parameters: (commit: CommitBlockSynchronizationRequestProto) => [
    block1Of(commit.block),
    signed(commit.newGenStamp),
    signed(commit.newLength),
    commit.closeFile,
    commit.deleteBlock,
    commit.newTaragets.map((id) => ({ kind: 'id' as const, value: datanodeId1Of(id) })),
  ],
  request: notServed,
  ...nothing,
})

/**
 * Gives a block that is to be recovered its new generation stamp; today's NameNodes put it into the order. Called as it
 * is: today's DatanodeProtocol has no such method [dnp1.recovery.1].
 */
export const nextGenerationStamp1: MethodForm<
  { readonly block: ExtendedBlockProto },
  { readonly generationStamp: bigint }
> = form(DatanodeProtocol26.nextGenerationStamp, {
  parameters: ({ block }: { readonly block: ExtendedBlockProto }) => [block1Of(block), true],
  request: notServed,
  result: notServed,
  response: (generationStamp) => ({ generationStamp: unsigned(generationStamp) }),
})

const clientForms: ReadonlyMap<string, ClientForm> = new Map([
  ['versionRequest', call(versionRequest)],
  ['registerDatanode', call(registerDatanode)],
  ['sendHeartbeat', call(sendHeartbeat)],
  ['blockReport', blockReport],
  ['errorReport', call(errorReport)],
  ['reportBadBlocks', call(reportBadBlocks)],
  ['commitBlockSynchronization', call(commitBlockSynchronization)],
])

const findServerForm = serverFormFinder(
  { ...datanodeProtocol1, methods: DatanodeProtocol26 },
  { getProtocolVersion: protocolVersion(DatanodeProtocol26.getProtocolVersion) },
)

/** DatanodeProtocol 26, for DataNodes: no NameNode here takes those of Hadoop 1. */
export const datanodeDialect1: ProtocolDialect = {
  protocol: datanodeProtocol1.name,
  version: datanodeProtocol1.version,
  clientForm: (method, request) =>
    method === 'blockReceivedAndDeleted'
      ? blockNews(request as BlockReceivedAndDeletedRequestProto)
      : (clientForms.get(method) ?? { kind: 'absent', since: '2.3.0' }),
  serverForm: findServerForm,
}
