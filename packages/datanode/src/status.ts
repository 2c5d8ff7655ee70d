import type { ActorState } from './namenode/namenode-actor.ts'
import type { Nameservice } from './namenode/nameservice.ts'
import type { VolumeFailure } from './storage/volume-failures.ts'

/** One storage directory, bytes. */
export interface VolumeStatus {
  readonly path: string
  readonly storageId: string
  readonly capacity: number
  readonly used: number
  readonly remaining: number
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
