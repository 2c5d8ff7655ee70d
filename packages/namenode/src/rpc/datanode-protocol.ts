/** DatanodeProtocol and DatanodeLifelineProtocol: how DataNodes register, report and get their orders. */

import type { CallContext, Handlers } from '@cairn/hadoop-ipc'
import {
  type BlockReportRequestProto,
  type DatanodeCommandProto,
  DatanodeCommandProto_Type,
  type DatanodeLifelineProtocol,
  type DatanodeProtocol,
  type DatanodeRegistrationProto,
  type HeartbeatRequestProto,
  type HeartbeatResponseProto,
  type NamespaceInfoProto,
  ReceivedDeletedBlockInfoProto_BlockStatus,
  type StorageReceivedDeletedBlocksProto,
} from '@cairn/hadoop-proto'
import { capabilityBlockReportBuffers, decodeStorageBlockReport } from '@cairn/hdfs-protocol'
import { nameNodeLayoutVersion } from '@cairn/hdfs-storage'
import { replicaState } from '../blocks/block-info.ts'
import { forgetDatanode } from '../blocks/redundancy-work.ts'
import { markDamaged } from '../blocks/reported-damage.ts'
import {
  processFullReport,
  processReportedReplica,
  type ReportedReplica,
} from '../blocks/reported-replica.ts'
import type { Core } from '../core.ts'
import { takeCommands } from '../datanodes/commands.ts'
import type { Datanode } from '../datanodes/datanode.ts'
import { refreshDatanodeInfo } from '../datanodes/datanode-info.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import { ioException, unregisteredNode } from '../java-exceptions.ts'
import { commitBlockSynchronization } from '../operations/block-recovery.ts'
import type { Gate } from './gate.ts'
import { nodesWithStorages, signed } from './wire.ts'

/** NNHAStatusHeartbeatProto.State */
const activeState = 0
/** ErrorReportRequestProto.ErrorCode: the DataNode lost its last volume and gives up. */
const fatalDiskError = 3
const noBytes = new Uint8Array(0)

/** What DataNodes, secondary NameNodes and balancers ask first; NamespaceInfo. */
export function namespaceInfo(core: Core): NamespaceInfoProto {
  const { identity } = core.namespace
  return {
    buildVersion: 'cairn',
    unused: 0,
    blockPoolID: identity.blockPoolId,
    storageInfo: {
      layoutVersion: nameNodeLayoutVersion,
      namespceID: identity.namespaceId,
      clusterID: identity.clusterId,
      cTime: BigInt(identity.cTime),
    },
    softwareVersion: core.settings.softwareVersion,
    capabilities: capabilityBlockReportBuffers,
    state: activeState,
  }
}

export function datanodeHandlers(gate: Gate): Handlers<typeof DatanodeProtocol> {
  const { core } = gate
  return {
    versionRequest: () => ({ info: namespaceInfo(core) }),
    registerDatanode: ({ registration }, call) => register(core, registration, call),
    sendHeartbeat: (request) => heartbeat(core, request),
    blockReport: (request) => blockReport(core, request),
    blockReceivedAndDeleted: ({ registration, blocks }) => {
      const datanode = registered(core, registration)
      for (const report of blocks) incrementalReport(core, datanode, report)
      core.checkSafeMode()
      return {}
    },
    cacheReport: () => ({}),
    errorReport: ({ registartion, errorCode }) => {
      const datanode = core.datanodes.get(registartion.datanodeID.datanodeUuid)
      if (datanode === undefined || errorCode !== fatalDiskError) return {}
      core.datanodes.declareDead(datanode)
      forgetDatanode(core.blocks, datanode)
      return {}
    },
    reportBadBlocks: ({ blocks }) => {
      markDamaged(core.blocks, blocks)
      return {}
    },
    commitBlockSynchronization: (request) => {
      commitBlockSynchronization(core, {
        blockId: signed(request.block.blockId),
        generationStamp: signed(request.block.generationStamp),
        newGenerationStamp: signed(request.newGenStamp),
        newLength: signed(request.newLength),
        closeFile: request.closeFile,
        deleteBlock: request.deleteBlock,
        targets: nodesWithStorages(request.newTaragets, request.newTargetStorages),
      })
      return gate.durable({})
    },
  }
}

export function lifelineHandlers(gate: Gate): Handlers<typeof DatanodeLifelineProtocol> {
  return {
    sendLifeline: (request) => {
      noteHeartbeat(gate.core, registered(gate.core, request.registration), request)
      return {}
    },
  }
}

/** The registered DataNode of a request; throws UnregisteredNodeException as Java does. */
function registered(core: Core, registration: DatanodeRegistrationProto): Datanode {
  checkNamespace(core, registration)
  const datanode = core.datanodes.get(registration.datanodeID.datanodeUuid)
  if (datanode === undefined || !datanode.alive) {
    const { ipAddr, xferPort } = registration.datanodeID
    throw ioException(`Got command from unregistered or dead node ${ipAddr}:${xferPort}`)
  }
  return datanode
}

/** A DataNode of another namespace must not get in; NameNodeRpcServer.verifyRequest. */
function checkNamespace(core: Core, { storageInfo, datanodeID }: DatanodeRegistrationProto): void {
  const { identity } = core.namespace
  const idOf = (namespaceId: number, clusterId: string, cTime: bigint): string =>
    `NS-${namespaceId}-${clusterId}-${cTime}`
  const expected = idOf(identity.namespaceId, identity.clusterId, BigInt(identity.cTime))
  const found = idOf(storageInfo.namespceID, storageInfo.clusterID, storageInfo.cTime)
  if (expected === found) return
  throw unregisteredNode(
    `Unregistered server: DatanodeRegistration(${datanodeID.ipAddr}:${datanodeID.xferPort}, datanodeUuid=${datanodeID.datanodeUuid}) has registration id ${found}; expected is ${expected}`,
  )
}

function register(
  core: Core,
  registration: DatanodeRegistrationProto,
  call: CallContext,
): { registration: DatanodeRegistrationProto } {
  checkNamespace(core, registration)
  const { datanodeUuid, hostName, xferPort, infoPort, infoSecurePort, ipcPort } = registration.datanodeID
  const address = {
    ipAddr: call.remoteAddress,
    hostName,
    xferPort,
    infoPort,
    infoSecurePort: infoSecurePort ?? 0,
    ipcPort,
  }
  const { datanode, replaced } = core.datanodes.register(datanodeUuid, address, registration.softwareVersion)
  if (replaced !== undefined) forgetDatanode(core.blocks, replaced)
  // A node that starts again has dropped the copies that were on their way to it.
  for (const block of core.blocks.pending.removeTarget(datanode)) core.blocks.judge(block)
  for (const storage of datanode.storages.values()) storage.blockReports = 0
  refreshDatanodeInfo(datanode)
  core.checkSafeMode()
  return {
    registration: {
      ...registration,
      datanodeID: { datanodeUuid, ...address },
      keys: {
        isBlockTokenEnabled: false,
        keyUpdateInterval: 0n,
        tokenLifeTime: 0n,
        currentKey: { keyId: 0, expiryDate: 0n, keyBytes: noBytes },
        allKeys: [],
      },
      softwareVersion: core.settings.softwareVersion,
    },
  }
}

function noteHeartbeat(core: Core, datanode: Datanode, request: HeartbeatRequestProto): void {
  core.datanodes.heard(datanode)
  datanode.xceiverCount = request.xceiverCount ?? 0
  datanode.xmitsInProgress = request.xmitsInProgress ?? 0
  datanode.failedVolumes = request.failedVolumes ?? 0
  datanode.cacheCapacity = signed(request.cacheCapacity)
  datanode.cacheUsed = signed(request.cacheUsed)
  for (const report of request.reports) {
    const storage = datanode.storage(report.storage?.storageUuid ?? report.storageUuid)
    if (report.storage !== undefined) {
      storage.type = report.storage.storageType ?? 1
      storage.state = report.storage.state ?? 0
    }
    storage.failed = report.failed ?? false
    storage.capacity = signed(report.capacity)
    storage.dfsUsed = signed(report.dfsUsed)
    storage.remaining = signed(report.remaining)
    storage.blockPoolUsed = signed(report.blockPoolUsed)
    storage.nonDfsUsed =
      report.nonDfsUsed === undefined
        ? Math.max(storage.capacity - storage.dfsUsed - storage.remaining, 0)
        : signed(report.nonDfsUsed)
    if (storage.failed) dropFailed(core, storage)
  }
  refreshDatanodeInfo(datanode)
}

/** A failed volume's replicas are gone. */
function dropFailed(core: Core, storage: DatanodeStorage): void {
  for (const block of [...storage.blocks]) core.blocks.removeReplica(storage, block)
}

function heartbeat(core: Core, request: HeartbeatRequestProto): HeartbeatResponseProto {
  checkNamespace(core, request.registration)
  const datanode = core.datanodes.get(request.registration.datanodeID.datanodeUuid)
  const haStatus = { state: activeState, txid: core.journal.lastTxId }
  if (datanode === undefined || !datanode.alive) {
    const registerAgain: DatanodeCommandProto = {
      cmdType: DatanodeCommandProto_Type.RegisterCommand,
      registerCmd: {},
    }
    return { cmds: [registerAgain], haStatus }
  }
  noteHeartbeat(core, datanode, request)
  if (request.requestFullBlockReportLease) {
    datanode.blockReportLease = BigInt(1 + Math.floor(core.env.random() * 0xffff_ffff))
  }
  return {
    cmds: takeCommands(core, datanode),
    haStatus,
    fullBlockReportLeaseId: request.requestFullBlockReportLease ? datanode.blockReportLease : 0n,
    isSlownode: false,
  }
}

function blockReport(core: Core, request: BlockReportRequestProto): { cmd: DatanodeCommandProto } {
  const datanode = registered(core, request.registration)
  for (const report of request.reports) {
    const storage = datanode.storage(report.storage.storageUuid)
    storage.type = report.storage.storageType ?? storage.type
    processFullReport(core.blocks, storage, reportedReplicas(decodeStorageBlockReport(report)))
  }
  datanode.lastBlockReportMs = core.env.now()
  core.checkSafeMode()
  return {
    cmd: {
      cmdType: DatanodeCommandProto_Type.FinalizeCommand,
      finalizeCmd: { blockPoolId: core.namespace.identity.blockPoolId },
    },
  }
}

function* reportedReplicas(
  replicas: Iterable<{ blockId: bigint; numBytes: number; generationStamp: bigint; state: number }>,
): Generator<ReportedReplica> {
  for (const { blockId, numBytes, generationStamp, state } of replicas) {
    yield { id: Number(blockId), numBytes, generationStamp: Number(generationStamp), state }
  }
}

function incrementalReport(core: Core, datanode: Datanode, report: StorageReceivedDeletedBlocksProto): void {
  const storage = datanode.storage(report.storage?.storageUuid ?? report.storageUuid)
  if (report.storage !== undefined) storage.type = report.storage.storageType ?? storage.type
  const { RECEIVING, RECEIVED } = ReceivedDeletedBlockInfoProto_BlockStatus
  for (const { block, deleteHint, status } of report.blocks) {
    const id = signed(block.blockId)
    if (status !== RECEIVING && status !== RECEIVED) {
      const stored = core.namespace.blocks.get(id)
      if (stored !== undefined) core.blocks.removeReplica(storage, stored)
      continue
    }
    const replica = {
      id,
      numBytes: signed(block.numBytes),
      generationStamp: signed(block.genStamp),
      state: status === RECEIVED ? replicaState.FINALIZED : replicaState.RBW,
    }
    const hint = deleteHint === undefined || deleteHint === '' ? undefined : core.datanodes.get(deleteHint)
    processReportedReplica(core.blocks, storage, replica, hint)
  }
}
