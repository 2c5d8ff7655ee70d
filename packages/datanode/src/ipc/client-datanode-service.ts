import {
  type CallContext,
  defineService,
  type Handlers as HandlersOf,
  RemoteException,
  type RpcService,
} from '@cairn/hadoop-ipc'
import {
  clientDatanodeProtocol,
  javaExceptions,
  type RecoverBlockRequest,
  type RecoverBlockResponse,
  recoverBlock1,
} from '@cairn/hdfs-protocol'
import type { DiskBalancer } from '../disk-balancer/disk-balancer.ts'
import { softwareVersion } from '../namenode/registration.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { Volume } from '../storage/volume.ts'
import type { Administrators } from './administrators.ts'
import { diskBalancerHandlers } from './disk-balancer-handlers.ts'
import { asRemote, asRemoteLater, type StoreLookup, unsupported } from './ipc-errors.ts'
import type { Reconfiguration } from './reconfiguration.ts'

/** What the service may ask of the DataNode. */
export interface ClientDatanodeHost {
  readonly administrators: Administrators
  readonly startedMs: number
  readonly reconfiguration: Reconfiguration
  readonly diskBalancer: DiskBalancer
  storeOf: StoreLookup
  volumes(): readonly { readonly volume: Volume; readonly replicas: number }[]
  balancerBandwidth(): number
  /** `namenode` = `host:port` of the only one that is to hear; undefined: all. */
  triggerBlockReport(incremental: boolean, namenode: string | undefined): void
  /** Ends every client's write; answers how many there were. */
  evictWriters(): number
  /** Ends the node after the answer has left; false when it is ending already. */
  shutdown(forRestart: boolean): boolean
  /** Reads again which NameNodes there are. */
  refreshNamenodes(): Promise<void>
  /**
   * Puts a block that a client of Hadoop 1 writes under a new generation stamp, in the name of the DataNode: undefined where
   * no such clients are served.
   */
  recoverBlock: ((request: RecoverBlockRequest) => Promise<RecoverBlockResponse>) | undefined
  /** Removes what is on disk of a pool that no NameNode rules here any more; with blocks in it only by `force`. */
  deleteBlockPool(blockPoolId: string, force: boolean): Promise<void>
}

/** `ClientDatanodeProtocol`: what clients and `hdfs dfsadmin` ask a DataNode. */
export function clientDatanodeService(host: ClientDatanodeHost): RpcService {
  const { recoverBlock } = host
  return defineService({
    protocol: clientDatanodeProtocol.name,
    methods: { ...clientDatanodeProtocol.methods, recoverBlock: recoverBlock1 },
    handlers: {
      ...(recoverBlock && {
        recoverBlock: (request: RecoverBlockRequest) => asRemoteLater(() => recoverBlock(request)),
      }),
      ...clientHandlers(host),
      ...administration(host),
      ...reconfiguration(host),
      ...diskBalancer(host),
    },
  })
}

function requireAdministrator(host: ClientDatanodeHost, call: CallContext): void {
  if (host.administrators.has(call.user)) return
  throw new RemoteException(
    javaExceptions.AccessControlException,
    `User ${call.user} is not allowed to call ${call.method}: only the DataNode's user and the supergroup are`,
  )
}

type Handlers = HandlersOf<typeof clientDatanodeProtocol.methods>

/** What any client may ask. */
function clientHandlers(host: ClientDatanodeHost): Handlers {
  return {
    getReplicaVisibleLength: ({ block }) =>
      asRemote(() => {
        const replica = host.storeOf(block.poolId).require(block)
        if (replica.visibleLength < 0) {
          throw new ReplicaError(
            'ERR_DN_REPLICA_STATE',
            `tell the visible length of block ${block.blockId}: found it in state ${replica.state}`,
          )
        }
        return { length: BigInt(replica.visibleLength) }
      }),
    getHdfsBlockLocations: () => {
      throw unsupported('tell on which volumes blocks are')
    },
    getBlockLocalPathInfo: (_, call) => {
      // Nobody may open block files here; Java's answer where dfs.block.local-path-access.user does not name the user.
      throw new RemoteException(
        javaExceptions.AccessControlException,
        `Can't continue with getBlockLocalPathInfo() authorization. The user ${call.user} is not configured in dfs.block.local-path-access.user`,
      )
    },
  }
}

/** What `hdfs dfsadmin` asks. */
function administration(host: ClientDatanodeHost): Handlers {
  return {
    getDatanodeInfo: (_, call) => {
      requireAdministrator(host, call)
      const uptime = BigInt(Math.floor((Date.now() - host.startedMs) / 1000))
      return { localInfo: { softwareVersion, configVersion: 'core-0.23,hdfs-1', uptime } }
    },
    getVolumeReport: (_, call) => {
      requireAdministrator(host, call)
      return { volumeInfo: host.volumes().map(volumeInfo) }
    },
    getBalancerBandwidth: (_, call) => {
      requireAdministrator(host, call)
      return { bandwidth: BigInt(host.balancerBandwidth()) }
    },
    triggerBlockReport: (request, call) => {
      requireAdministrator(host, call)
      host.triggerBlockReport(request.incremental, request.nnAddress)
      return {}
    },
    refreshNamenodes: async (_, call) => {
      requireAdministrator(host, call)
      await host.refreshNamenodes()
      return {}
    },
    deleteBlockPool: async (request, call) => {
      requireAdministrator(host, call)
      await host.deleteBlockPool(request.blockPool, request.force)
      return {}
    },
    evictWriters: (_, call) => {
      requireAdministrator(host, call)
      host.evictWriters()
      return {}
    },
    shutdownDatanode: (request, call) => {
      requireAdministrator(host, call)
      if (host.shutdown(request.forUpgrade)) return {}
      throw new RemoteException(javaExceptions.IOException, 'Shutdown already in progress.')
    },
  }
}

/** `hdfs dfsadmin -reconfig datanode`. */
function reconfiguration(host: ClientDatanodeHost): Handlers {
  return {
    startReconfiguration: (_, call) => {
      requireAdministrator(host, call)
      void host.reconfiguration.start()
      return {}
    },
    getReconfigurationStatus: (_, call) => {
      requireAdministrator(host, call)
      return host.reconfiguration.status()
    },
    listReconfigurableProperties: (_, call) => {
      requireAdministrator(host, call)
      return { name: [...host.reconfiguration.properties] }
    },
  }
}

/** `hdfs diskbalancer`. */
function diskBalancer(host: ClientDatanodeHost): Handlers {
  return diskBalancerHandlers(host.diskBalancer, (call) => requireAdministrator(host, call))
}

function volumeInfo({ volume, replicas }: { volume: Volume; replicas: number }) {
  const space = volume.space()
  return {
    path: volume.path,
    storageType: volume.storageType,
    usedSpace: BigInt(space.dfsUsed),
    freeSpace: BigInt(space.remaining),
    reservedSpace: BigInt(space.reserved),
    reservedSpaceForReplicas: BigInt(volume.reservedBytes),
    numBlocks: BigInt(replicas),
  }
}
