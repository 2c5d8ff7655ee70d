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
export const clientProtocol: JavaProtocol<typeof ClientNamenodeProtocol> = protocol(
  'org.apache.hadoop.hdfs.protocol.ClientProtocol',
  ClientNamenodeProtocol,
)
/** Clients to a DataNode's IPC port. */
export const clientDatanodeProtocol: JavaProtocol<typeof ClientDatanodeProtocol> = protocol(
  'org.apache.hadoop.hdfs.protocol.ClientDatanodeProtocol',
  ClientDatanodeProtocol,
)
/** DataNodes to the NameNode. */
export const datanodeProtocol: JavaProtocol<typeof DatanodeProtocol> = protocol(
  'org.apache.hadoop.hdfs.server.protocol.DatanodeProtocol',
  DatanodeProtocol,
)
/** DataNodes to the NameNode when heartbeats lag. */
export const datanodeLifelineProtocol: JavaProtocol<typeof DatanodeLifelineProtocol> = protocol(
  'org.apache.hadoop.hdfs.server.protocol.DatanodeLifelineProtocol',
  DatanodeLifelineProtocol,
)
/** DataNodes among each other, for block recovery. */
export const interDatanodeProtocol: JavaProtocol<typeof InterDatanodeProtocol> = protocol(
  'org.apache.hadoop.hdfs.server.protocol.InterDatanodeProtocol',
  InterDatanodeProtocol,
)
/** Secondary NameNodes, standbys and balancers to the NameNode. */
export const namenodeProtocol: JavaProtocol<typeof NamenodeProtocol> = protocol(
  'org.apache.hadoop.hdfs.server.protocol.NamenodeProtocol',
  NamenodeProtocol,
)
/** Failover controllers and administrators to NameNodes. */
export const haServiceProtocol: JavaProtocol<typeof HAServiceProtocol> = protocol(
  'org.apache.hadoop.ha.HAServiceProtocol',
  HAServiceProtocol,
)
export const reconfigurationProtocol: JavaProtocol<typeof ReconfigurationProtocol> = protocol(
  'org.apache.hadoop.hdfs.protocol.ReconfigurationProtocol',
  ReconfigurationProtocol,
)
export const genericRefreshProtocol: JavaProtocol<typeof GenericRefreshProtocol> = protocol(
  'org.apache.hadoop.ipc.GenericRefreshProtocol',
  GenericRefreshProtocol,
)
export const refreshCallQueueProtocol: JavaProtocol<typeof RefreshCallQueueProtocol> = protocol(
  'org.apache.hadoop.ipc.RefreshCallQueueProtocol',
  RefreshCallQueueProtocol,
)
export const refreshAuthorizationPolicyProtocol: JavaProtocol<typeof RefreshAuthorizationPolicyProtocol> =
  protocol(
    'org.apache.hadoop.security.authorize.RefreshAuthorizationPolicyProtocol',
    RefreshAuthorizationPolicyProtocol,
  )
export const refreshUserMappingsProtocol: JavaProtocol<typeof RefreshUserMappingsProtocol> = protocol(
  'org.apache.hadoop.security.RefreshUserMappingsProtocol',
  RefreshUserMappingsProtocol,
)
/** Which groups a user is in, as the NameNode sees it. */
export const getUserMappingsProtocol: JavaProtocol<typeof GetUserMappingsProtocol> = protocol(
  'org.apache.hadoop.tools.GetUserMappingsProtocol',
  GetUserMappingsProtocol,
)
/** Which versions of a protocol a server speaks. */
export const protocolMetaInfo: JavaProtocol<typeof ProtocolInfo> = protocol(
  'org.apache.hadoop.ipc.ProtocolMetaInfoPB',
  ProtocolInfo,
)

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
