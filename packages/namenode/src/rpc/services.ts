/** All protocols of a NameNode's port, tied to one core; NameNodeRpcServer. */

import { type BoundMethod, defineService, type RpcService } from '@cairn/hadoop-ipc'
import {
  ClientNamenodeProtocol,
  DatanodeLifelineProtocol,
  DatanodeProtocol,
  GetUserMappingsProtocol,
  HAServiceProtocol,
  NamenodeProtocol,
  RefreshUserMappingsProtocol,
} from '@cairn/hadoop-proto'
import {
  clientProtocol,
  datanodeLifelineProtocol,
  datanodeProtocol,
  getUserMappingsProtocol,
  haServiceProtocol,
  namenodeProtocol,
  refreshUserMappingsProtocol,
} from '@cairn/hdfs-protocol'
import type { Core } from '../core.ts'
import { serviceFailed } from '../java-exceptions.ts'
import { checkSuperuser } from '../permissions/permission-checker.ts'
import { absentFeatureHandlers } from './absent-features.ts'
import { attributeHandlers } from './attributes.ts'
import { blockHandlers } from './blocks.ts'
import { datanodeHandlers, lifelineHandlers, namespaceInfo } from './datanode-protocol.ts'
import { fileHandlers } from './files.ts'
import { Gate } from './gate.ts'
import { listingHandlers } from './listing.ts'
import { RetryCache } from './retry-cache.ts'
import { statusHandlers } from './status.ts'

export { RetryCache }

/** The services of one NameNode. */
export function services(core: Core, retries: RetryCache): RpcService[] {
  const gate = new Gate(core, retries)
  return [
    defineService({
      protocol: clientProtocol.name,
      methods: ClientNamenodeProtocol,
      handlers: {
        ...listingHandlers(gate),
        ...fileHandlers(gate),
        ...blockHandlers(gate),
        ...statusHandlers(gate),
        ...attributeHandlers(gate),
        ...absentFeatureHandlers(gate),
      },
    }),
    defineService({
      protocol: datanodeProtocol.name,
      methods: DatanodeProtocol,
      handlers: datanodeHandlers(gate),
    }),
    defineService({
      protocol: datanodeLifelineProtocol.name,
      methods: DatanodeLifelineProtocol,
      handlers: lifelineHandlers(gate),
    }),
    ...administrationServices(gate),
  ]
}

function administrationServices(gate: Gate): RpcService[] {
  const { core } = gate
  return [
    defineService({
      protocol: namenodeProtocol.name,
      methods: NamenodeProtocol,
      handlers: {
        versionRequest: () => ({ info: namespaceInfo(core) }),
        getTransactionId: () => ({ txId: core.journal.lastTxId }),
        isUpgradeFinalized: () => ({ isUpgradeFinalized: true }),
        isRollingUpgrade: () => ({ isRollingUpgrade: false }),
      },
    }),
    defineService({
      protocol: haServiceProtocol.name,
      methods: HAServiceProtocol,
      handlers: {
        monitorHealth: () => {
          throw serviceFailed('HA for namenode is not enabled')
        },
        getServiceStatus: () => {
          throw serviceFailed('HA for namenode is not enabled')
        },
      },
    }),
    defineService({
      protocol: getUserMappingsProtocol.name,
      methods: GetUserMappingsProtocol,
      handlers: { getGroupsForUser: ({ user }) => ({ groups: [...core.callers.groupsOf(user)] }) },
    }),
    defineService({
      protocol: refreshUserMappingsProtocol.name,
      methods: RefreshUserMappingsProtocol,
      handlers: {
        refreshUserToGroupsMappings: (_request, call) => {
          checkSuperuser(gate.caller(call), 'refreshUserToGroupsMappings')
          core.callers.forget()
          return {}
        },
        // Callers are believed whoever they say they are, also for whom they act: there is nothing to read again.
        refreshSuperUserGroupsConfiguration: (_request, call) => {
          checkSuperuser(gate.caller(call), 'refreshSuperUserGroupsConfiguration')
          return {}
        },
      },
    }),
  ]
}

/** The same service, with every call counted by method. */
export function countCalls(service: RpcService, counts: Map<string, number>): RpcService {
  const methods = new Map<string, BoundMethod>()
  for (const [name, method] of service.methods) {
    const handle: BoundMethod['handle'] = (request, call) => {
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return method.handle(request, call)
    }
    methods.set(name, { ...method, handle })
  }
  return { ...service, methods }
}
