import type { ActorState } from './namenode/namenode-actor.ts'
import type { Nameservice } from './namenode/nameservice.ts'
import type { DataStorage } from './storage/data-storage.ts'
import type { VolumeFailure } from './storage/volume-failures.ts'

/** One storage directory, bytes. */
export interface VolumeStatus {
  readonly path: string
  readonly storageId: string
  /** A number of `StorageTypeProto`. */
  readonly storageType: number
  readonly capacity: number
  readonly used: number
  readonly remaining: number
  /** Left to others. */
  readonly reserved: number
  /** Kept free for blocks that are being written. */
  readonly reservedForReplicas: number
  /** How many there are. */
  readonly replicas: number
}

/** One NameNode as this DataNode sees it. */
export interface NamenodeStatus {
  readonly address: string
  /** Its nameservice's name in `dfs.nameservices`; empty when it has none. */
  readonly nameservice: string
  /** Undefined before the NameNode was met; so is the next. */
  readonly blockPoolId: string | undefined
  /** The NameNode's release. */
  readonly softwareVersion: string | undefined
  readonly state: ActorState
  readonly active: boolean
  /** Milliseconds since 1970; undefined before the first. */
  readonly lastHeartbeatMs: number | undefined
  readonly lastFullReportMs: number | undefined
}

/** What a DataNode is doing, for pages and metrics. */
export interface DataNodeStatus {
  readonly uuid: string
  readonly address: string
  readonly ipcAddress: string
  /** Of the status page; undefined when there is none. */
  readonly httpPort: number | undefined
  /** Name under which this node registers. */
  readonly hostName: string
  /** Undefined before a NameNode was met. */
  readonly clusterId: string | undefined
  readonly blockPools: readonly string[]
  readonly startedMs: number
  readonly capacity: number
  readonly used: number
  readonly remaining: number
  readonly volumes: readonly VolumeStatus[]
  /** Disks that failed and are used no more. */
  readonly failedVolumes: readonly VolumeFailure[]
  /** Replicas by state. */
  readonly replicas: Readonly<Record<'FINALIZED' | 'RBW' | 'RWR' | 'RUR' | 'TEMPORARY', number>>
  /** Data transfer operations under way. */
  readonly xceivers: number
  readonly connections: number
  /** Copies to other nodes under way. */
  readonly transfers: number
  readonly namenodes: readonly NamenodeStatus[]
}

/** Space and replicas of every volume in use. */
export function volumeStatuses(storage: DataStorage): VolumeStatus[] {
  const counts = new Map(storage.volumes.map((volume) => [volume, 0]))
  for (const store of storage.pools()) {
    for (const slice of store.slices) {
      counts.set(slice.volume, (counts.get(slice.volume) ?? 0) + store.index.countOf(slice))
    }
  }
  return [...counts].map(([volume, replicas]) => {
    const { capacity, dfsUsed: used, remaining, reserved } = volume.space()
    const { path, storageId, storageType, reservedBytes: reservedForReplicas } = volume
    return {
      path,
      storageId,
      storageType,
      capacity,
      used,
      remaining,
      reserved,
      reservedForReplicas,
      replicas,
    }
  })
}

/** The NameNodes of one nameservice. */
export function namenodeStatuses(service: Nameservice): NamenodeStatus[] {
  return service.actors.map((actor) => ({
    address: `${actor.link.address.host}:${actor.link.address.port}`,
    nameservice: service.name,
    blockPoolId: actor.info?.blockPoolID,
    softwareVersion: actor.info?.softwareVersion,
    state: actor.state,
    active: actor === service.active,
    lastHeartbeatMs: actor.lastHeartbeatMs,
    lastFullReportMs: actor.lastFullReportMs,
  }))
}
