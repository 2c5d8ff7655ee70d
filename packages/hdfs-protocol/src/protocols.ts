import {
  ClientDatanodeProtocol,
  ClientNamenodeProtocol,
  DatanodeLifelineProtocol,
  DatanodeProtocol,
  GenericRefreshProtocol,
  GetUserMappingsProtocol,
  HAServiceProtocol,
  InterDatanodeProtocol,
  NamenodeProtocol,
  ProtocolInfo,
  ReconfigurationProtocol,
  RefreshAuthorizationPolicyProtocol,
  RefreshCallQueueProtocol,
  RefreshUserMappingsProtocol,
} from '@cairn/hadoop-proto'

/** A protocol as `RequestHeaderProto` names it: the Java interface of its `@ProtocolInfo` annotation. */
export interface JavaProtocol<Methods> {
  /** `declaringClassProtocolName` */
  readonly name: string
  /** `clientProtocolVersion`: 1 for every protocol since protobuf. */
  readonly version: bigint
  readonly methods: Methods
}

function protocol<Methods>(name: string, methods: Methods): JavaProtocol<Methods> {
  return { name, version: 1n, methods }
}

/** Clients to the NameNode. */
export const clientProtocol = protocol(
  'org.apache.hadoop.hdfs.protocol.ClientProtocol',
  ClientNamenodeProtocol,
)
/** Clients to a DataNode's IPC port. */
export const clientDatanodeProtocol = protocol(
  'org.apache.hadoop.hdfs.protocol.ClientDatanodeProtocol',
  ClientDatanodeProtocol,
)
/** DataNodes to the NameNode. */
export const datanodeProtocol = protocol(
  'org.apache.hadoop.hdfs.server.protocol.DatanodeProtocol',
  DatanodeProtocol,
)
/** DataNodes to the NameNode when heartbeats lag. */
export const datanodeLifelineProtocol = protocol(
  'org.apache.hadoop.hdfs.server.protocol.DatanodeLifelineProtocol',
  DatanodeLifelineProtocol,
)
/** DataNodes among each other, for block recovery. */
export const interDatanodeProtocol = protocol(
  'org.apache.hadoop.hdfs.server.protocol.InterDatanodeProtocol',
  InterDatanodeProtocol,
)
/** Secondary NameNodes, standbys and balancers to the NameNode. */
export const namenodeProtocol = protocol(
  'org.apache.hadoop.hdfs.server.protocol.NamenodeProtocol',
  NamenodeProtocol,
)
/** Failover controllers and administrators to NameNodes. */
export const haServiceProtocol = protocol('org.apache.hadoop.ha.HAServiceProtocol', HAServiceProtocol)
export const reconfigurationProtocol = protocol(
  'org.apache.hadoop.hdfs.protocol.ReconfigurationProtocol',
  ReconfigurationProtocol,
)
export const genericRefreshProtocol = protocol(
  'org.apache.hadoop.ipc.GenericRefreshProtocol',
  GenericRefreshProtocol,
)
export const refreshCallQueueProtocol = protocol(
  'org.apache.hadoop.ipc.RefreshCallQueueProtocol',
  RefreshCallQueueProtocol,
)
export const refreshAuthorizationPolicyProtocol = protocol(
  'org.apache.hadoop.security.authorize.RefreshAuthorizationPolicyProtocol',
  RefreshAuthorizationPolicyProtocol,
)
export const refreshUserMappingsProtocol = protocol(
  'org.apache.hadoop.security.RefreshUserMappingsProtocol',
  RefreshUserMappingsProtocol,
)
/** Which groups a user is in, as the NameNode sees it. */
export const getUserMappingsProtocol = protocol(
  'org.apache.hadoop.tools.GetUserMappingsProtocol',
  GetUserMappingsProtocol,
)
/** Which versions of a protocol a server speaks. */
export const protocolMetaInfo = protocol('org.apache.hadoop.ipc.ProtocolMetaInfoPB', ProtocolInfo)

/**
 * Calls of `clientProtocol` that must not run twice: a repeated call (same client id and call id) gets the first
 * one's result from the retry cache. Java marks them `@AtMostOnce`; all other calls are idempotent.
 */
export const atMostOnceCalls: ReadonlySet<string> = new Set<keyof typeof ClientNamenodeProtocol>([
  'create',
  'append',
  'rename',
  'concat',
  'rename2',
  'delete',
  'saveNamespace',
  'createSymlink',
  'updatePipeline',
  'createSnapshot',
  'deleteSnapshot',
  'renameSnapshot',
  'addCacheDirective',
  'modifyCacheDirective',
  'removeCacheDirective',
  'addCachePool',
  'modifyCachePool',
  'removeCachePool',
  'createEncryptionZone',
  'reencryptEncryptionZone',
  'setXAttr',
  'removeXAttr',
  'setErasureCodingPolicy',
  'unsetErasureCodingPolicy',
  'addErasureCodingPolicies',
  'removeErasureCodingPolicy',
  'enableErasureCodingPolicy',
  'disableErasureCodingPolicy',
  'satisfyStoragePolicy',
])
