// The classes that Hadoop 1 (0.20 to 1.2) sends in its RPC, each as a table of its fields in the order of the wire. Names
// are those of the Java fields; lengths are bytes, times milliseconds since 1970.
import {
  type JavaType,
  type TypeRegistry,
  type Writable,
  type WritableValue,
  writable,
} from '@cairn/hadoop-writable'

const protocol = 'org.apache.hadoop.hdfs.protocol'
const serverProtocol = 'org.apache.hadoop.hdfs.server.protocol'

/** A block: its id, length and generation stamp. */
export const Block1 = writable(`${protocol}.Block`, {
  blockId: 'long',
  numBytes: 'long',
  generationStamp: 'long',
})
export type Block1 = WritableValue<typeof Block1>

/** `org.apache.hadoop.security.token.Token`. */
export const Token1 = writable('org.apache.hadoop.security.token.Token', {
  identifier: 'vbytes',
  password: 'vbytes',
  kind: 'text',
  service: 'text',
})
export type Token1 = WritableValue<typeof Token1>

/** `org.apache.hadoop.io.Text` where it is a parameter by itself. */
export const Text1 = writable('org.apache.hadoop.io.Text', { text: 'text' })
export type Text1 = WritableValue<typeof Text1>

const datanodeIdFields = {
  /** `ip:port` of data transfer. */
  name: 'utf8',
  storageID: 'utf8',
  infoPort: 'ushort',
} as const

export const DatanodeId1 = writable(`${protocol}.DatanodeID`, datanodeIdFields)
export type DatanodeId1 = WritableValue<typeof DatanodeId1>

export const DatanodeInfo1 = writable(`${protocol}.DatanodeInfo`, {
  ...datanodeIdFields,
  ipcPort: 'ushort',
  capacity: 'long',
  dfsUsed: 'long',
  remaining: 'long',
  lastUpdate: 'long',
  xceiverCount: 'int',
  location: 'text',
  hostName: 'text',
  /** `NORMAL`, `DECOMMISSION_INPROGRESS` or `DECOMMISSIONED`. */
  adminState: 'text',
})
export type DatanodeInfo1 = WritableValue<typeof DatanodeInfo1>

/** A block with the DataNodes that have it. */
export const LocatedBlock1 = writable(`${protocol}.LocatedBlock`, {
  blockToken: { writable: Token1 },
  corrupt: 'boolean',
  /** First byte of the block in its file. */
  offset: 'long',
  block: { writable: Block1 },
  locs: { list: { writable: DatanodeInfo1 } },
})
export type LocatedBlock1 = WritableValue<typeof LocatedBlock1>

export const LocatedBlocks1 = writable(`${protocol}.LocatedBlocks`, {
  fileLength: 'long',
  underConstruction: 'boolean',
  blocks: { list: { writable: LocatedBlock1 } },
})
export type LocatedBlocks1 = WritableValue<typeof LocatedBlocks1>

export const FsPermission1 = writable('org.apache.hadoop.fs.permission.FsPermission', { mode: 'short' })
export type FsPermission1 = WritableValue<typeof FsPermission1>

/** A file or directory; `path` is its name in a listing and empty in the answer to getFileInfo. */
export const HdfsFileStatus1 = writable(`${protocol}.HdfsFileStatus`, {
  path: 'bytes',
  length: 'long',
  isdir: 'boolean',
  blockReplication: 'short',
  blocksize: 'long',
  modificationTime: 'long',
  accessTime: 'long',
  permission: { writable: FsPermission1 },
  owner: 'text',
  group: 'text',
})
export type HdfsFileStatus1 = WritableValue<typeof HdfsFileStatus1>

export const DirectoryListing1 = writable(`${protocol}.DirectoryListing`, {
  partialListing: { list: { writable: HdfsFileStatus1 } },
  remainingEntries: 'int',
})
export type DirectoryListing1 = WritableValue<typeof DirectoryListing1>

export const ContentSummary1 = writable('org.apache.hadoop.fs.ContentSummary', {
  length: 'long',
  fileCount: 'long',
  directoryCount: 'long',
  quota: 'long',
  spaceConsumed: 'long',
  spaceQuota: 'long',
})
export type ContentSummary1 = WritableValue<typeof ContentSummary1>

/** How far an upgrade of the whole cluster is; NameNodes answer null when there is none. */
export const UpgradeStatusReport1 = writable('org.apache.hadoop.hdfs.server.common.UpgradeStatusReport', {
  version: 'int',
  /** Percent. */
  upgradeStatus: 'short',
})
export type UpgradeStatusReport1 = WritableValue<typeof UpgradeStatusReport1>

/** Where a DataNode keeps a replica, for readers on its own machine. */
export const BlockLocalPathInfo1 = writable(`${protocol}.BlockLocalPathInfo`, {
  block: { writable: Block1 },
  localBlockPath: 'text',
  localMetaPath: 'text',
})
export type BlockLocalPathInfo1 = WritableValue<typeof BlockLocalPathInfo1>

const storageInfoFields = { layoutVersion: 'int', namespaceID: 'int', cTime: 'long' } as const

export const BlockKey1 = writable('org.apache.hadoop.hdfs.security.token.block.BlockKey', {
  keyId: 'vint',
  expiryDate: 'vlong',
  key: 'vbytes?',
})

export const ExportedBlockKeys1 = writable('org.apache.hadoop.hdfs.security.token.block.ExportedBlockKeys', {
  isBlockTokenEnabled: 'boolean',
  keyUpdateInterval: 'long',
  tokenLifetime: 'long',
  currentKey: { writable: BlockKey1 },
  allKeys: { list: { writable: BlockKey1 } },
})

/** What a NameNode says of itself to a DataNode. */
export const NamespaceInfo1 = writable(`${serverProtocol}.NamespaceInfo`, {
  version: 'utf8',
  revision: 'utf8',
  ...storageInfoFields,
  distributedUpgradeVersion: 'int',
})
export type NamespaceInfo1 = WritableValue<typeof NamespaceInfo1>

/** Who a DataNode is. */
export const DatanodeRegistration1 = writable(`${serverProtocol}.DatanodeRegistration`, {
  ...datanodeIdFields,
  ipcPort: 'ushort',
  ...storageInfoFields,
  exportedKeys: { writable: ExportedBlockKeys1 },
})
export type DatanodeRegistration1 = WritableValue<typeof DatanodeRegistration1>

/** The block keys that an update or registration carries. */
export type ExportedBlockKeys1 = WritableValue<typeof ExportedBlockKeys1>

/** These two say all by their class. */
export const DatanodeFinalize1 = writable(`${serverProtocol}.DatanodeCommand$Finalize`, {})
export const DatanodeRegister1 = writable(`${serverProtocol}.DatanodeCommand$Register`, {})

/** Blocks to be copied, deleted or recovered, and where to. */
export const BlockCommand1 = writable(`${serverProtocol}.BlockCommand`, {
  action: 'int',
  blocks: { list: { writable: Block1 } },
  targets: { list: { list: { writable: DatanodeInfo1 } } },
})
export type BlockCommand1 = WritableValue<typeof BlockCommand1>

/** What a distributed upgrade is at; `action` is one of `UpgradeCommand.UC_ACTION_*`. */
export const UpgradeCommand1 = writable(`${serverProtocol}.UpgradeCommand`, {
  action: 'int',
  version: 'int',
  upgradeStatus: 'short',
})
export type UpgradeCommand1 = WritableValue<typeof UpgradeCommand1>

export const KeyUpdateCommand1 = writable(`${serverProtocol}.KeyUpdateCommand`, {
  action: 'int',
  keys: { writable: ExportedBlockKeys1 },
})
export type KeyUpdateCommand1 = WritableValue<typeof KeyUpdateCommand1>

export const BalancerBandwidthCommand1 = writable(`${serverProtocol}.BalancerBandwidthCommand`, {
  action: 'int',
  version: 'int',
  /** Bytes a second. */
  bandwidth: 'long',
})
export type BalancerBandwidthCommand1 = WritableValue<typeof BalancerBandwidthCommand1>

/** What a NameNode may order, by a short name of the class. */
export const datanodeCommands1 = {
  block: BlockCommand1,
  balancerBandwidth: BalancerBandwidthCommand1,
  finalize: DatanodeFinalize1,
  keyUpdate: KeyUpdateCommand1,
  register: DatanodeRegister1,
  upgrade: UpgradeCommand1,
} as const

export const BlockRecoveryInfo1 = writable(`${serverProtocol}.BlockRecoveryInfo`, {
  blockId: 'long',
  numBytes: 'long',
  generationStamp: 'long',
  wasRecoveredOnStartup: 'boolean',
})
export type BlockRecoveryInfo1 = WritableValue<typeof BlockRecoveryInfo1>

/** A block with the time of its last verification. */
export const BlockMetaDataInfo1 = writable(`${serverProtocol}.BlockMetaDataInfo`, {
  blockId: 'long',
  numBytes: 'long',
  generationStamp: 'long',
  lastScanTime: 'long',
})

const BlockWithLocations1 = writable(`${serverProtocol}.BlocksWithLocations$BlockWithLocations`, {
  block: { writable: Block1 },
  datanodeIDs: { vlist: 'text' },
})

export const BlocksWithLocations1 = writable(`${serverProtocol}.BlocksWithLocations`, {
  blocks: { vlist: { writable: BlockWithLocations1 } },
})

export const CheckpointSignature1 = writable('org.apache.hadoop.hdfs.server.namenode.CheckpointSignature', {
  ...storageInfoFields,
  editsTime: 'long',
  checkpointTime: 'long',
})

/** What stands in a delegation token's `identifier`; not a value of RPC itself. */
export const DelegationTokenIdentifier1 = writable(
  'org.apache.hadoop.hdfs.security.token.delegation.DelegationTokenIdentifier',
  {
    /** 0. */
    version: 'byte',
    owner: 'text',
    renewer: 'text',
    realUser: 'text',
    issueDate: 'vlong',
    maxDate: 'vlong',
    sequenceNumber: 'vint',
    masterKeyId: 'vint',
  },
)

const writables: readonly Writable<unknown>[] = [
  Block1,
  Token1,
  BlockLocalPathInfo1,
  UpgradeStatusReport1,
  Text1,
  DatanodeId1,
  DatanodeInfo1,
  LocatedBlock1,
  LocatedBlocks1,
  FsPermission1,
  HdfsFileStatus1,
  DirectoryListing1,
  ContentSummary1,
  NamespaceInfo1,
  DatanodeRegistration1,
  ...Object.values(datanodeCommands1),
  ExportedBlockKeys1,
  BlockRecoveryInfo1,
  BlockMetaDataInfo1,
  BlocksWithLocations1,
  CheckpointSignature1,
]

/** Every class above and the enumerations of the protocols, by Java name. */
export const hadoop1Types: TypeRegistry = new Map<string, JavaType>([
  ...writables.map((one): [string, JavaType] => [one.javaClass, { writable: one }]),
  ...['SafeModeAction', 'DatanodeReportType', 'UpgradeAction'].map((name): [string, JavaType] => {
    const javaClass = `${protocol}.FSConstants$${name}`
    return [javaClass, { enumeration: javaClass }]
  }),
])
