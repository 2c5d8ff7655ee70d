import type {
  DatanodeRegistrationProto,
  HeartbeatRequestProto,
  StorageReportProto,
} from '@cairn/hadoop-proto'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { PoolSlice } from '../storage/volume.ts'
import type { VolumeFailures } from '../storage/volume-failures.ts'
import { storageOf } from './incremental-reports.ts'

/** What heartbeats tell besides storage. */
export interface NodeLoad {
  /** Copies to other nodes under way. */
  readonly transfers: number
  /** Data transfer operations under way. */
  readonly xceivers: number
  readonly failures: VolumeFailures
  /** Blocks in memory, bytes. */
  readonly cache: { readonly capacityBytes: number; readonly usedBytes: number }
}

/** Makes heartbeats. */
export class NodeReports {
  readonly #load: () => NodeLoad

  constructor(load: () => NodeLoad) {
    this.#load = load
  }

  heartbeat(registration: DatanodeRegistrationProto, store: ReplicaStore): HeartbeatRequestProto {
    const { transfers, xceivers, failures, cache } = this.#load()
    return {
      registration,
      reports: store.slices.map(storageReport),
      xmitsInProgress: transfers,
      xceiverCount: xceivers,
      failedVolumes: failures.count,
      volumeFailureSummary: failures.summary(),
      ...(cache.capacityBytes > 0
        ? { cacheCapacity: BigInt(cache.capacityBytes), cacheUsed: BigInt(cache.usedBytes) }
        : {}),
      slowPeers: [],
      slowDisks: [],
    }
  }
}

function storageReport(slice: PoolSlice): StorageReportProto {
  const { volume } = slice
  const space = volume.space()
  return {
    storageUuid: volume.storageId,
    capacity: BigInt(space.capacity),
    dfsUsed: BigInt(space.dfsUsed),
    remaining: BigInt(space.remaining),
    blockPoolUsed: BigInt(slice.usedBytes),
    storage: storageOf(volume),
    nonDfsUsed: BigInt(space.nonDfsUsed),
    mount: '',
  }
}
