import type {
  DatanodeCommandProto,
  DatanodeRegistrationProto,
  HeartbeatResponseProto,
  NamespaceInfoProto,
  SlowDiskReportProto,
  SlowPeerReportProto,
} from '@cairn/hadoop-proto'
import type { Logger } from '../logger.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { CacheReportSource } from './cache-reports.ts'
import type { NamenodeLink } from './namenode-link.ts'
import type { NodeReports } from './node-reports.ts'

/** How often a NameNode hears what; all in milliseconds. */
export interface ReportTimes {
  readonly heartbeatIntervalMs: number
  readonly blockReportIntervalMs: number
  readonly blockReportInitialDelayMs: number
  readonly incrementalReportIntervalMs: number
  readonly lifelineIntervalMs: number
  readonly outlierReportIntervalMs: number
}

/** What the actor needs of its nameservice. */
export interface ActorOwner extends ReportTimes {
  readonly logger: Logger
  readonly blockReportSplitReplicas: number
  readonly reports: NodeReports
  /** From 0 to below 1: varies the waits for a lost NameNode. */
  random(): number
  /** Checks what the NameNode says of itself and opens the block pool; throws when this node does not belong there. */
  join(info: NamespaceInfoProto): Promise<ReplicaStore>
  /** What every call but the first carries. */
  registration(): DatanodeRegistrationProto
  /** As this node introduces itself. */
  newRegistration(): DatanodeRegistrationProto
  registered(registration: DatanodeRegistrationProto): void
  /** Whether another NameNode of the nameservice takes this node, or may yet. */
  anotherAlive(link: NamenodeLink): boolean
  /** Peers to which packets take long; undefined when nobody measures. */
  readonly slowPeers: (() => SlowPeerReportProto[]) | undefined
  /** Disks that are slow; undefined when nobody measures. */
  readonly slowDisks: (() => SlowDiskReportProto[]) | undefined
  /** Blocks in memory; undefined where nothing may be kept there. */
  readonly cacheReports: CacheReportSource | undefined
  /** What the NameNode says of itself with each heartbeat; decides which of several is obeyed. */
  heard(link: NamenodeLink, response: HeartbeatResponseProto): void
  command(link: NamenodeLink, command: DatanodeCommandProto): void
}
