/**
 * What follows from one replica that a DataNode reports, in a full or an incremental report;
 * BlockManager.processReportedBlock and checkReplicaCorrupt.
 */
import type { Datanode } from '../datanodes/datanode.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import { type BlockInfo, replicaState } from './block-info.ts'
import type { BlockManager, CorruptReason } from './block-manager.ts'

/** A replica as its DataNode describes it. */
export interface ReportedReplica {
  readonly id: number
  readonly numBytes: number
  readonly generationStamp: number
  /** One of {@link replicaState}. */
  readonly state: number
}

/** Takes one report into account; unknown replicas are ordered to be deleted. */
export function processReportedReplica(
  manager: BlockManager,
  storage: DatanodeStorage,
  replica: ReportedReplica,
  deleteHint?: Datanode,
): void {
  const block = manager.namespace.blocks.get(replica.id)
  if (block === undefined) {
    manager.orderDeletion(storage.datanode, replica)
    return
  }
  const finalized = replica.state === replicaState.FINALIZED
  const reason = corruptReason(block, replica)
  if (reason !== undefined) {
    manager.markCorrupt(storage, block, replica, reason)
    return
  }
  const open = block.state === 'UNDER_CONSTRUCTION' || block.state === 'UNDER_RECOVERY'
  if (open || (!finalized && !block.complete)) noteUnderConstruction(block, storage, replica)
  if (finalized) manager.addReplica(storage, block, deleteHint)
}

/** Why the replica cannot be a good one; undefined when it may be. */
function corruptReason(block: BlockInfo, replica: ReportedReplica): CorruptReason | undefined {
  const { state } = replica
  const outdated = replica.generationStamp !== block.generationStamp
  if (state === replicaState.FINALIZED) {
    if (block.state === 'COMPLETE' || block.state === 'COMMITTED') {
      if (outdated) return 'GENSTAMP_MISMATCH'
      return replica.numBytes === block.numBytes ? undefined : 'SIZE_MISMATCH'
    }
    return replica.generationStamp < block.generationStamp ? 'GENSTAMP_MISMATCH' : undefined
  }
  if (state !== replicaState.RBW && state !== replicaState.RWR) return undefined
  // A replica that a pipeline went on without.
  if (!block.complete)
    return replica.generationStamp < block.generationStamp ? 'GENSTAMP_MISMATCH' : undefined
  if (outdated) return 'GENSTAMP_MISMATCH'
  // A writer's replica of a complete block is one whose "received" message is still on its way.
  return state === replicaState.RBW ? undefined : 'INVALID_STATE'
}

/** One more place, or a new state at a known place, of a block that is being written. */
export function noteUnderConstruction(
  block: BlockInfo,
  storage: DatanodeStorage,
  replica: { readonly generationStamp: number; readonly state: number; readonly numBytes: number },
): void {
  const replicas = block.underConstruction?.replicas
  if (replicas === undefined) return
  const index = replicas.findIndex((known) => known.storage.datanode === storage.datanode)
  const { generationStamp, state } = replica
  const reportedBytes = state === replicaState.FINALIZED ? replica.numBytes : undefined
  const noted = { storage, generationStamp, state, reportedBytes }
  if (index < 0) replicas.push(noted)
  else replicas[index] = noted
}

/** Replaces all that is known of one storage by a full report; DatanodeStorageInfo.reportDiff. */
export function processFullReport(
  manager: BlockManager,
  storage: DatanodeStorage,
  replicas: Iterable<ReportedReplica>,
): void {
  const unseen = new Set(storage.blocks)
  for (const replica of replicas) {
    const block = manager.namespace.blocks.get(replica.id)
    if (block !== undefined) unseen.delete(block)
    processReportedReplica(manager, storage, replica)
  }
  for (const block of unseen) manager.removeReplica(storage, block)
  storage.blockReports++
}
