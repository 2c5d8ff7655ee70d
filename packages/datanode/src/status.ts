import type { RpcAddress } from '@cairn/hadoop-ipc'
import type { BlockCache } from './cache/block-cache.ts'
import type { DiskBalancer, PlanStatus } from './disk-balancer/disk-balancer.ts'
import type { ActorState } from './namenode/namenode-actor.ts'
import type { Nameservice } from './namenode/nameservice.ts'
import type { BlockScanCounts } from './scanner/block-scanner.ts'
import type { DataStorage } from './storage/data-storage.ts'
import { replicaStates } from './storage/replica.ts'
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
  /** Blocks kept in memory for readers. */
  readonly cache: {
    readonly capacityBytes: number
    readonly usedBytes: number
    readonly counts: Readonly<Record<'cached' | 'uncached' | 'failed', number>>
  }
  /** What the block scanner has read through since the start. */
  readonly blockScan: BlockScanCounts
  /** The last plan of `hdfs diskbalancer`; undefined where it is turned off. */
  readonly diskBalancer: PlanStatus | undefined
}

/** What a status is made of. */
export interface StatusParts
  extends Pick<DataNodeStatus, 'uuid' | 'httpPort' | 'hostName' | 'startedMs' | 'transfers'> {
  readonly address: RpcAddress
  readonly ipcAddress: RpcAddress
  readonly storage: DataStorage
  readonly server: { readonly xceiverCount: number; readonly connections: number }
  readonly services: Iterable<Nameservice>
  readonly cache: BlockCache
  readonly blockScan: BlockScanCounts
  readonly diskBalancer: DiskBalancer
}

/** The state of this moment. */
export function dataNodeStatus(parts: StatusParts): DataNodeStatus {
  const { uuid, address, ipcAddress, httpPort, hostName, startedMs, transfers } = parts
  const { storage, server, cache, diskBalancer } = parts
  const volumes = volumeStatuses(storage)
  const replicas = { FINALIZED: 0, RBW: 0, RWR: 0, RUR: 0, TEMPORARY: 0 }
  const stores = [...storage.pools()]
  for (const store of stores) {
    const counts = store.index.countStates()
    for (const state of replicaStates) replicas[state] += counts[state]
  }
  const sum = (field: 'capacity' | 'used' | 'remaining'): number =>
    volumes.reduce((total, volume) => total + volume[field], 0)
  return {
    uuid,
    address: `${address.host}:${address.port}`,
    ipcAddress: `${ipcAddress.host}:${ipcAddress.port}`,
    httpPort,
    hostName,
    clusterId: stores[0]?.pool.clusterId,
    blockPools: stores.map((store) => store.pool.blockPoolId),
    startedMs,
    capacity: sum('capacity'),
    used: sum('used'),
    remaining: sum('remaining'),
    volumes,
    failedVolumes: storage.failures.list,
    replicas,
    xceivers: server.xceiverCount,
    connections: server.connections,
    transfers,
    namenodes: [...parts.services].flatMap(namenodeStatuses),
    cache: { capacityBytes: cache.capacityBytes, usedBytes: cache.usedBytes, counts: { ...cache.counts } },
    blockScan: { ...parts.blockScan },
    diskBalancer: diskBalancer.enabled ? diskBalancer.query() : undefined,
  }
}

/** Space and replicas of every volume in use. */
function volumeStatuses(storage: DataStorage): VolumeStatus[] {
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
function namenodeStatuses(service: Nameservice): NamenodeStatus[] {
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
