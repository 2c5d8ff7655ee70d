/** ClientProtocol: figures about the cluster, safe mode and administration. */

import type { Handlers } from '@cairn/hadoop-ipc'
import type {
  ClientNamenodeProtocol,
  DatanodeStorageReportProto,
  FsServerDefaultsProto,
  StorageReportProto,
} from '@cairn/hadoop-proto'
import type { Core } from '../core.ts'
import type { Datanode } from '../datanodes/datanode.ts'
import { datanodeInfo } from '../datanodes/datanode-info.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import { ioException, serviceFailed } from '../java-exceptions.ts'
import { pathOf } from '../namespace/path.ts'
import { checkSuperuser } from '../permissions/permission-checker.ts'
import { clusterFigures } from '../status.ts'
import type { Gate } from './gate.ts'

type ClientHandlers = Handlers<typeof ClientNamenodeProtocol>

/** DatanodeReportTypeProto */
const reportType = { all: 1, live: 2, dead: 3 } as const
/** SafeModeActionProto */
const safeModeAction = { leave: 1, enter: 2, get: 3, forceExit: 4 } as const

function safeModeOperation(action: number): string {
  if (action === safeModeAction.enter) return 'safemode_enter'
  return action === safeModeAction.leave ? 'safemode_leave' : 'safemode_force_exit'
}

export function statusHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    getServerDefaults: () => ({ serverDefaults: serverDefaults(core) }),
    getFsStats: () => {
      const figures = clusterFigures(core)
      return {
        capacity: BigInt(figures.capacity),
        used: BigInt(figures.dfsUsed),
        remaining: BigInt(figures.remaining),
        under_replicated: BigInt(figures.lowRedundancyBlocks),
        corrupt_blocks: BigInt(figures.corruptBlocks),
        missing_blocks: BigInt(figures.missingBlocks),
        missing_repl_one_blocks: BigInt(figures.missingReplicationOneBlocks),
        blocks_in_future: 0n,
        pending_deletion_blocks: BigInt(figures.pendingDeletionBlocks),
      }
    },
    getFsReplicatedBlockStats: () => {
      const figures = clusterFigures(core)
      return {
        low_redundancy: BigInt(figures.lowRedundancyBlocks),
        corrupt_blocks: BigInt(figures.corruptBlocks),
        missing_blocks: BigInt(figures.missingBlocks),
        missing_repl_one_blocks: BigInt(figures.missingReplicationOneBlocks),
        blocks_in_future: 0n,
        pending_deletion_blocks: BigInt(figures.pendingDeletionBlocks),
        highest_prio_low_redundancy_blocks: BigInt(core.blocks.low.highestPriorityCount),
        badly_distributed_blocks: 0n,
      }
    },
    getFsECBlockGroupStats: () => ({
      low_redundancy: 0n,
      corrupt_blocks: 0n,
      missing_blocks: 0n,
      blocks_in_future: 0n,
      pending_deletion_blocks: 0n,
      highest_prio_low_redundancy_blocks: 0n,
      badly_distributed_blocks: 0n,
    }),
    getHAServiceState: () => {
      throw serviceFailed('HA for namenode is not enabled')
    },
    msync: () => ({}),
    ...reportHandlers(gate),
    ...adminHandlers(gate),
  }
}

function serverDefaults({ settings }: Core): FsServerDefaultsProto {
  return {
    blockSize: BigInt(settings.blockSizeDefault),
    bytesPerChecksum: settings.bytesPerChecksum,
    writePacketSize: settings.writePacketSize,
    replication: settings.replicationDefault,
    fileBufferSize: 4096,
    encryptDataTransfer: false,
    trashInterval: BigInt(settings.trashIntervalMinutes),
    checksumType: settings.checksumType,
    keyProviderUri: '',
    policyId: 7,
    snapshotTrashRootEnabled: false,
  }
}

function nodesOf(core: Core, type: number): Datanode[] {
  const nodes = [...core.datanodes.all()]
  if (type === reportType.all) return nodes
  if (type === reportType.live) return nodes.filter((node) => node.alive)
  // The other kinds belong to decommissioning and maintenance, which no node is in.
  return type === reportType.dead ? nodes.filter((node) => !node.alive) : []
}

function reportHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    getDatanodeReport: ({ type }, call) => {
      checkSuperuser(gate.caller(call), 'datanodeReport')
      return { di: nodesOf(core, type).map(datanodeInfo) }
    },
    getDatanodeStorageReport: ({ type }, call) => {
      checkSuperuser(gate.caller(call), 'getDatanodeStorageReport')
      const report = (node: Datanode): DatanodeStorageReportProto => ({
        datanodeInfo: datanodeInfo(node),
        storageReports: [...node.storages.values()].map(storageReport),
      })
      return { datanodeStorageReports: nodesOf(core, type).map(report) }
    },
    getSlowDatanodeReport: () => ({ datanodeInfoProto: [] }),
    listCorruptFileBlocks: ({ path, cookie }) => {
      const files: string[] = []
      const prefix = path.endsWith('/') ? path : `${path}/`
      let skip = Number(cookie ?? 0) || 0
      const start = skip
      for (const block of core.blocks.low.missing()) {
        if (block.file === undefined) continue
        const name = pathOf(block.file)
        if (name !== path && !name.startsWith(prefix)) continue
        if (skip-- > 0) continue
        files.push(name)
        if (files.length >= corruptFilesMax) break
      }
      return { corrupt: { files, cookie: String(start + files.length) } }
    },
    listOpenFiles: ({ id, path }, call) => {
      checkSuperuser(gate.caller(call), 'listOpenFiles')
      return listOpenFiles(core, Number(id), path ?? '/')
    },
  }
}

/** Entries of one answer; dfs.corruptfilesreturned.max and dfs.namenode.list.openfiles.num.responses. */
const corruptFilesMax = 500
const openFilesMax = 1000

function listOpenFiles(
  core: Core,
  afterId: number,
  path: string,
): {
  entries: { id: bigint; path: string; clientName: string; clientMachine: string }[]
  hasMore: boolean
  types: number[]
} {
  const files = [...core.namespace.leases.values()].flatMap((lease) => [...lease.files])
  const prefix = path.endsWith('/') ? path : `${path}/`
  const open = files
    .filter((file) => file.id > afterId)
    .sort((a, b) => a.id - b.id)
    .map((file) => ({
      id: BigInt(file.id),
      path: pathOf(file),
      clientName: file.underConstruction?.clientName ?? '',
      clientMachine: file.underConstruction?.clientMachine ?? '',
    }))
    .filter((entry) => entry.path === path || entry.path.startsWith(prefix))
  return { entries: open.slice(0, openFilesMax), hasMore: open.length > openFilesMax, types: [] }
}

function storageReport(storage: DatanodeStorage): StorageReportProto {
  return {
    storageUuid: storage.storageId,
    failed: storage.failed,
    capacity: BigInt(storage.capacity),
    dfsUsed: BigInt(storage.dfsUsed),
    remaining: BigInt(storage.remaining),
    blockPoolUsed: BigInt(storage.blockPoolUsed),
    storage: { storageUuid: storage.storageId, state: storage.state, storageType: storage.type },
    nonDfsUsed: BigInt(storage.nonDfsUsed),
  }
}

function adminHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    setSafeMode: ({ action }, call) => {
      const { safeMode } = core.blocks
      if (action !== safeModeAction.get) checkSuperuser(gate.caller(call), safeModeOperation(action))
      if (action === safeModeAction.enter) safeMode.enter()
      if (action === safeModeAction.leave || action === safeModeAction.forceExit) {
        const wasOn = safeMode.on
        safeMode.leave()
        if (wasOn) core.blocks.judgeAll()
      }
      return { result: safeMode.on }
    },
    saveNamespace: async (_request, call) => {
      checkSuperuser(gate.caller(call), 'saveNamespace')
      if (!core.blocks.safeMode.on) {
        throw ioException('Safe mode should be turned ON in order to create namespace image.')
      }
      await core.journal.checkpoint?.()
      return { saved: true }
    },
    rollEdits: async (_request, call) => {
      checkSuperuser(gate.caller(call), 'rollEditLog')
      core.checkNotSafeMode('Log not rolled')
      return { newSegmentTxId: await core.journal.roll() }
    },
    restoreFailedStorage: (_request, call) => {
      checkSuperuser(gate.caller(call), 'restoreFailedStorage')
      return { result: false }
    },
    rollingUpgrade: (_request, call) => {
      checkSuperuser(gate.caller(call), 'queryRollingUpgrade')
      return {}
    },
    setBalancerBandwidth: (_request, call) => {
      checkSuperuser(gate.caller(call), 'setBalancerBandwidth')
      return {}
    },
    refreshNodes: (_request, call) => {
      checkSuperuser(gate.caller(call), 'refreshNodes')
      return {}
    },
    finalizeUpgrade: (_request, call) => {
      checkSuperuser(gate.caller(call), 'finalizeUpgrade')
      return {}
    },
    upgradeStatus: () => ({ upgradeFinalized: true }),
    getCurrentEditLogTxid: () => ({ txid: core.journal.lastTxId }),
  }
}
