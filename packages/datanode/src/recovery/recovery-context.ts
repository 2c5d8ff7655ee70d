import type { RpcClient } from '@cairn/hadoop-ipc'
import type { Logger } from '../logger.ts'
import type { ReplicaEvents } from '../transfer/transfer-context.ts'

/** What recovering a block needs. */
export interface RecoveryContext {
  readonly client: RpcClient
  readonly logger: Logger
  readonly events: ReplicaEvents
  readonly useDatanodeHostname: boolean
  readonly datanodeUuid: () => string
}
