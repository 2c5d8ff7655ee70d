/** Figures about the whole cluster, for web page, metrics and ClientProtocol.getFsStats. */
import type { Core } from './core.ts'

export interface ClusterFigures {
  readonly capacity: number
  readonly dfsUsed: number
  readonly remaining: number
  readonly lowRedundancyBlocks: number
  /** Blocks with at least one bad replica and no good one. */
  readonly corruptBlocks: number
  readonly missingBlocks: number
  readonly missingReplicationOneBlocks: number
  readonly pendingDeletionBlocks: number
}

export function clusterFigures(core: Core): ClusterFigures {
  let capacity = 0
  let dfsUsed = 0
  let remaining = 0
  let pendingDeletionBlocks = 0
  for (const node of core.datanodes.all()) {
    pendingDeletionBlocks += node.toDelete.size
    if (!node.alive) continue
    capacity += node.total('capacity')
    dfsUsed += node.total('dfsUsed')
    remaining += node.total('remaining')
  }
  let corruptBlocks = 0
  for (const [block, bad] of core.blocks.corrupt) if (bad.size >= block.replicas.length) corruptBlocks++
  let missingReplicationOneBlocks = 0
  for (const block of core.blocks.low.missing()) if (block.replication === 1) missingReplicationOneBlocks++
  return {
    capacity,
    dfsUsed,
    remaining,
    lowRedundancyBlocks: core.blocks.low.lowCount,
    corruptBlocks,
    missingBlocks: core.blocks.low.missingCount,
    missingReplicationOneBlocks,
    pendingDeletionBlocks,
  }
}

/** One DataNode as an operator wants to see it; sizes in bytes, times in milliseconds since 1970. */
export interface DatanodeStatus {
  readonly uuid: string
  readonly hostName: string
  readonly address: string
  readonly httpPort: number
  readonly state: 'live' | 'stale' | 'dead'
  readonly capacity: number
  readonly dfsUsed: number
  readonly nonDfsUsed: number
  readonly remaining: number
  readonly blocks: number
  readonly xceivers: number
  readonly failedVolumes: number
  readonly lastContact: number
  readonly lastBlockReport: number
  readonly softwareVersion: string
}

/** A NameNode as an operator wants to see it. */
export interface NameNodeStatus extends ClusterFigures {
  readonly address: string
  readonly clusterId: string
  readonly blockPoolId: string
  readonly softwareVersion: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly uptimeMs: number
  /** Undefined when off; otherwise why it is on and how to leave it. */
  readonly safeMode: string | undefined
  readonly files: number
  readonly directories: number
  readonly blocks: number
  readonly openFiles: number
  readonly pendingTransfers: number
  readonly excessBlocks: number
  readonly lastTxId: bigint
  readonly syncedTxId: bigint
  readonly datanodes: readonly DatanodeStatus[]
  /** Calls answered since start, by method. */
  readonly calls: ReadonlyMap<string, number>
}

export function datanodeStatuses(core: Core): DatanodeStatus[] {
  return [...core.datanodes.all()].map((node) => ({
    uuid: node.uuid,
    hostName: node.address.hostName,
    address: `${node.address.ipAddr}:${node.address.xferPort}`,
    httpPort: node.address.infoPort,
    state: !node.alive ? 'dead' : core.datanodes.isStale(node) ? 'stale' : 'live',
    capacity: node.total('capacity'),
    dfsUsed: node.total('dfsUsed'),
    nonDfsUsed: node.total('nonDfsUsed'),
    remaining: node.total('remaining'),
    blocks: node.blockCount,
    xceivers: node.xceiverCount,
    failedVolumes: node.failedVolumes,
    lastContact: node.lastUpdateMs,
    lastBlockReport: node.lastBlockReportMs,
    softwareVersion: node.softwareVersion,
  }))
}
