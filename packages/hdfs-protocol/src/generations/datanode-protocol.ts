// What a DataNode must know of its NameNode's release. The frames and names of DatanodeProtocol did not change with
// these; what NameNodes expect in its messages did.
import type {
  BlockReceivedAndDeletedRequestProto,
  HeartbeatRequestProto,
  StorageReportProto,
} from '@cairn/hadoop-proto'

/** How a NameNode wants to be told about a DataNode. */
export interface NamenodeTraits {
  /** A DataNode's volumes are storages of their own; before, a DataNode is one storage with one id [dnp.old.2]. */
  readonly separateStorages: boolean
  /** DataNodes have a layout version of their own; before, they must claim the NameNode's [dnp.old.1]. */
  readonly ownLayout: boolean
  /** A full report needs a lease, which heartbeats ask for; before, it is just sent [dnp.old.3]. */
  readonly reportLeases: boolean
}

/** By the release that the NameNode says it is, such as `2.0.2-alpha`. */
export function namenodeTraits(softwareVersion: string): NamenodeTraits {
  const [major = 0, minor = 0] = softwareVersion.split('.').map((part) => Number.parseInt(part, 10) || 0)
  const from = (firstMinor: number): boolean => major > 2 || (major === 2 && minor >= firstMinor)
  return {
    separateStorages: from(3),
    ownLayout: from(4),
    reportLeases: from(8),
  }
}

/** A heartbeat of a DataNode that is one storage: NameNodes before 2.3 read the first report only [dnp.old.2]. */
export function heartbeatOfOneStorage(request: HeartbeatRequestProto): HeartbeatRequestProto {
  const { reports } = request
  const storageUuid = request.registration.datanodeID.datanodeUuid
  const sum = (field: 'capacity' | 'dfsUsed' | 'remaining' | 'blockPoolUsed'): bigint =>
    reports.reduce((total, report) => total + (report[field] ?? 0n), 0n)
  const whole: StorageReportProto = {
    storageUuid,
    failed: false,
    capacity: sum('capacity'),
    dfsUsed: sum('dfsUsed'),
    remaining: sum('remaining'),
    blockPoolUsed: sum('blockPoolUsed'),
  }
  return { ...request, reports: [whole] }
}

/** What happened to replicas, as of one storage [dnp.old.2]. */
export function newsOfOneStorage(
  request: BlockReceivedAndDeletedRequestProto,
): BlockReceivedAndDeletedRequestProto {
  const storageUuid = request.registration.datanodeID.datanodeUuid
  const blocks = request.blocks.flatMap((storage) => storage.blocks)
  return { ...request, blocks: [{ storageUuid, blocks }] }
}
