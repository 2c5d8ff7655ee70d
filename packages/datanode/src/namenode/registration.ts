import type {
  DatanodeIDProto,
  DatanodeRegistrationProto,
  ExportedBlockKeysProto,
  NamespaceInfoProto,
} from '@cairn/hadoop-proto'
import { dataNodeLayoutVersion } from '@cairn/hdfs-storage'
import type { PoolIdentity } from '../storage/volume.ts'

/** What this DataNode calls itself: the release whose protocols and disk layout it follows. */
export const softwareVersion = '3.4.3'

/** Block keys of a cluster without block tokens. */
function noKeys(): ExportedBlockKeysProto {
  return {
    isBlockTokenEnabled: false,
    keyUpdateInterval: 0n,
    tokenLifeTime: 0n,
    currentKey: { keyId: 0, expiryDate: 0n, keyBytes: new Uint8Array(0) },
    allKeys: [],
  }
}

/** A registration for a namespace: every call to the NameNode that is not the first carries it. */
export function makeRegistration(datanodeID: DatanodeIDProto, pool: PoolIdentity): DatanodeRegistrationProto {
  return {
    datanodeID,
    storageInfo: {
      // int32 in a uint32 field, as Java writes it.
      layoutVersion: dataNodeLayoutVersion >>> 0,
      namespceID: pool.namespaceId,
      clusterID: pool.clusterId,
      cTime: pool.cTime,
    },
    keys: noKeys(),
    softwareVersion,
  }
}

/** Which block pool a NameNode stands for. */
export function poolIdentityOf(info: NamespaceInfoProto): PoolIdentity {
  return {
    blockPoolId: info.blockPoolID,
    namespaceId: info.storageInfo.namespceID,
    clusterId: info.storageInfo.clusterID,
    cTime: info.storageInfo.cTime,
  }
}
