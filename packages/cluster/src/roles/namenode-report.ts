import type { NameNodeStatus } from '@cairn/namenode'
import type { NamenodeReport } from './role.ts'

/** What the cluster's status says of a NameNode. */
export function namenodeReport(status: NameNodeStatus, now: number): NamenodeReport {
  return {
    namenode: {
      address: status.address,
      clusterId: status.clusterId,
      blockPoolId: status.blockPoolId,
      safeMode: status.safeMode,
      files: status.files,
      directories: status.directories,
      blocks: status.blocks,
      capacity: status.capacity,
      used: status.dfsUsed,
      remaining: status.remaining,
      underReplicatedBlocks: status.lowRedundancyBlocks,
      missingBlocks: status.missingBlocks,
      corruptBlocks: status.corruptBlocks,
    },
    datanodes: status.datanodes.map((node) => ({
      uuid: node.uuid,
      address: node.address,
      state: node.state,
      lastContactMs: Math.max(0, now - node.lastContact),
      capacity: node.capacity,
      used: node.dfsUsed,
      remaining: node.remaining,
      blocks: node.blocks,
    })),
  }
}
