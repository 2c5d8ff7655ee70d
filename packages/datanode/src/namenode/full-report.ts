import type {
  BlockReportRequestProto,
  DatanodeRegistrationProto,
  StorageBlockReportProto,
} from '@cairn/hadoop-proto'
import { encodeStorageBlockReport, type ReportedReplica } from '@cairn/hdfs-protocol'
import { reportSplitReplicas } from '../limits.ts'
import { type Replica, replicaStateNumber } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import { storageOf } from './incremental-reports.ts'

export interface FullReportOptions {
  readonly registration: DatanodeRegistrationProto
  /** Capabilities that the NameNode announced. */
  readonly capabilities: bigint
  /** Not 0; tells the parts of one report apart from those of another. */
  readonly reportId: bigint
  readonly leaseId: bigint
}

/** All replicas of a pool as the calls that report them: one call, or one a storage when there are very many. */
export function makeFullReport(store: ReplicaStore, options: FullReportOptions): BlockReportRequestProto[] {
  const bySlice = new Map(store.slices.map((slice) => [slice, [] as ReportedReplica[]]))
  for (const replica of store.replicas()) {
    if (replica.reportedState !== 'TEMPORARY') bySlice.get(replica.slice)!.push(reported(replica))
  }
  const reports = [...bySlice].map(([slice, replicas]) =>
    encodeStorageBlockReport(storageOf(slice.volume), replicas, options.capabilities),
  )
  const calls = store.count < reportSplitReplicas ? [reports] : reports.map((report) => [report])
  return calls.map((part, index) => makeCall(store, part, index, calls.length, options))
}

function makeCall(
  store: ReplicaStore,
  reports: StorageBlockReportProto[],
  curRpc: number,
  totalRpcs: number,
  options: FullReportOptions,
): BlockReportRequestProto {
  return {
    registration: options.registration,
    blockPoolId: store.pool.blockPoolId,
    reports,
    context: { totalRpcs, curRpc, id: options.reportId, leaseId: options.leaseId },
  }
}

function reported(replica: Replica): ReportedReplica {
  return {
    blockId: replica.blockId,
    numBytes: replica.length,
    generationStamp: replica.generationStamp,
    state: replicaStateNumber[replica.reportedState],
  }
}
