import type {
  DatanodeIDProto,
  DatanodeRegistrationProto,
  ExportedBlockKeysProto,
  NamespaceInfoProto,
} from '@cairn/hadoop-proto'
import type { NamenodeTraits } from '@cairn/hdfs-protocol'
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
export function makeRegistration(
  datanodeID: DatanodeIDProto,
  pool: PoolIdentity,
  layoutVersion: number,
): DatanodeRegistrationProto {
  return {
    datanodeID,
    storageInfo: {
      layoutVersion,
      namespceID: pool.namespaceId,
      clusterID: pool.clusterId,
      cTime: pool.cTime,
    },
    keys: noKeys(),
    softwareVersion,
  }
}

/**
 * The layout version that this node claims, an int32 in a uint32 field as Java writes it: NameNodes before 2.4 want to
 * hear their own [dnp.old.1].
 */
export function claimedLayout(info: NamespaceInfoProto, traits: NamenodeTraits): number {
  return traits.ownLayout ? dataNodeLayoutVersion >>> 0 : info.storageInfo.layoutVersion
}

/** Which block pool a NameNode stands for. Hadoop 1 has neither pools nor clusters: the namespace names both. */
export function poolIdentityOf(info: NamespaceInfoProto): PoolIdentity {
  const { namespceID: namespaceId, clusterID, cTime } = info.storageInfo
  return {
    blockPoolId: info.blockPoolID || `BP-${namespaceId}-0.0.0.0-${cTime}`,
    namespaceId,
    clusterId: clusterID || `CID-${namespaceId}`,
    cTime,
  }
}
