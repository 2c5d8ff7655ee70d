import type {
  DatanodeCommandProto,
  DatanodeRegistrationProto,
  HeartbeatResponseProto,
} from '@cairn/hadoop-proto'
import type { Logger } from '../logger.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { NamenodeActor } from './namenode-actor.ts'
import type { NodeReports } from './node-reports.ts'
import type { poolIdentityOf } from './registration.ts'

/** What the actor needs of its nameservice. */
export interface ActorOwner {
  readonly logger: Logger
  readonly heartbeatIntervalMs: number
  readonly blockReportIntervalMs: number
  readonly blockReportInitialDelayMs: number
  readonly blockReportSplitReplicas: number
  readonly reports: NodeReports
  /** From 0 to below 1: varies the waits for a lost NameNode. */
  random(): number
  /** Opens the block pool when the first NameNode has told which it is. */
  openPool(identity: ReturnType<typeof poolIdentityOf>): Promise<ReplicaStore>
  registration(): DatanodeRegistrationProto
  registered(registration: DatanodeRegistrationProto): void
  /** What the NameNode says of itself with each heartbeat; decides which of several is obeyed. */
  heard(actor: NamenodeActor, response: HeartbeatResponseProto): void
  command(actor: NamenodeActor, command: DatanodeCommandProto): void
}
