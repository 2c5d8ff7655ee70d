import type { DatanodeIDProto, DatanodeInfoProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import type { DatanodeConnections } from '@cairn/hdfs-block-io'
import type { Activity } from '../activity.ts'
import type { Logger } from '../logger.ts'
import type { PeerLatencies } from '../namenode/peer-latencies.ts'
import type { TransferSecurity } from '../security/transfer-security.ts'
import type { DataStorage } from '../storage/data-storage.ts'
import type { Replica } from '../storage/replica.ts'
import type { MoveSlots } from './move-slots.ts'
import type { Throttle } from './throttle.ts'

/** What the data transfer side tells the NameNode about; the actors of a nameservice carry it on. */
export interface ReplicaEvents {
  /** A writer began. */
  receiving(blockPoolId: string, replica: Replica): void
  /** A block is complete here; `deleteHint` names a DataNode whose replica may go (balancer moves). */
  received(blockPoolId: string, replica: Replica, deleteHint?: string): void
  deleted(blockPoolId: string, replica: Replica): void
  /** A disk has no room left. */
  full(): void
  /** A replica whose bytes do not fit its checksums, or whose files are not what they should be. */
  corrupt(blockPoolId: string, replica: Replica, reason: string): void
  /** Another DataNode sent a copy whose bytes do not fit its checksums: what it has is no good. */
  corruptElsewhere(block: ExtendedBlockProto, source: DatanodeInfoProto): void
}

/** Everything an operation may use. */
export interface TransferContext {
  readonly storage: DataStorage
  readonly activity: Activity
  readonly events: ReplicaEvents
  readonly logger: Logger
  readonly security: TransferSecurity
  /** Makes data, meta and folder durable when a block is complete; Java's `dfs.datanode.synconclose`. */
  readonly syncOnClose: boolean
  /** Connects to other DataNodes by host name instead of address; `dfs.datanode.use.datanode.hostname`. */
  readonly useDatanodeHostname: boolean
  readonly idleMs: number
  readonly keepAliveMs: number
  readonly xceiversMax: number
  /** Reads from other DataNodes; closed with the data transfer port. */
  readonly peers: DatanodeConnections
  /** What copies for the balancer may take. */
  readonly balanceThrottle: Throttle
  /** How many moves for the balancer are let in. */
  readonly balancerMoves: MoveSlots
  /** Measures how fast the last nodes of pipelines take packets; undefined when nobody wants to know. */
  readonly peerLatencies?: PeerLatencies | undefined
  /** How the NameNode of a pool names this DataNode. */
  identity(blockPoolId: string): DatanodeIDProto
  /** Looks through a replica whose reader complained; reports it when the complaint is right. */
  suspect(blockPoolId: string, replica: Replica): void
}
