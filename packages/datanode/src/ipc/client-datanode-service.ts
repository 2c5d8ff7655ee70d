import { type CallContext, defineService, RemoteException, type RpcService } from '@cairn/hadoop-ipc'
import { clientDatanodeProtocol, javaExceptions } from '@cairn/hdfs-protocol'
import { softwareVersion } from '../namenode/registration.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { Volume } from '../storage/volume.ts'
import { asRemote, type StoreLookup, unsupported } from './ipc-errors.ts'

/** What the service may ask of the DataNode. */
export interface ClientDatanodeHost {
  readonly superuser: string
  readonly startedMs: number
  storeOf: StoreLookup
  volumes(): readonly { readonly volume: Volume; readonly replicas: number }[]
  balancerBandwidth(): number
  triggerBlockReport(incremental: boolean, namenode: string | undefined): void
  shutdown(forRestart: boolean): void
}

/** `ClientDatanodeProtocol`: what clients and `hdfs dfsadmin` ask a DataNode. */
export function clientDatanodeService(host: ClientDatanodeHost): RpcService {
  const admin = (call: CallContext): void => {
    if (call.user === host.superuser) return
    throw new RemoteException(
      javaExceptions.AccessControlException,
      `User ${call.user} is not allowed to call ${call.method}: only the superuser ${host.superuser} is`,
    )
  }
  return defineService({
    protocol: clientDatanodeProtocol.name,
    methods: clientDatanodeProtocol.methods,
    handlers: {
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
      getBlockLocalPathInfo: () => {
        throw unsupported('open block files for short-circuit reads')
      },
      getDatanodeInfo: (_, call) => {
        admin(call)
        const uptime = BigInt(Math.floor((Date.now() - host.startedMs) / 1000))
        return { localInfo: { softwareVersion, configVersion: 'core-0.23,hdfs-1', uptime } }
      },
      getVolumeReport: (_, call) => {
        admin(call)
        return { volumeInfo: host.volumes().map(volumeInfo) }
      },
      getBalancerBandwidth: (_, call) => {
        admin(call)
        return { bandwidth: BigInt(host.balancerBandwidth()) }
      },
      triggerBlockReport: (request, call) => {
        admin(call)
        host.triggerBlockReport(request.incremental, request.nnAddress)
        return {}
      },
      refreshNamenodes: (_, call) => {
        admin(call)
        throw unsupported('change the NameNodes of a running DataNode')
      },
      shutdownDatanode: (request, call) => {
        admin(call)
        host.shutdown(request.forUpgrade)
        return {}
      },
    },
  })
}

function volumeInfo({ volume, replicas }: { volume: Volume; replicas: number }) {
  const space = volume.space()
  return {
    path: volume.path,
    storageType: volume.storageType,
    usedSpace: BigInt(space.dfsUsed),
    freeSpace: BigInt(space.remaining),
    reservedSpace: 0n,
    reservedSpaceForReplicas: BigInt(volume.reservedBytes),
    numBlocks: BigInt(replicas),
  }
}
