// `org.apache.hadoop.hdfs.protocol.ClientProtocol`, version 61, as Hadoop 1.2.1 has it. Overloaded methods have a key
// of their own; `name` is what goes over the wire.
import type { JavaType } from '@cairn/hadoop-writable'
import { method1 } from './method.ts'
import {
  Block1,
  ContentSummary1,
  DatanodeInfo1,
  DirectoryListing1,
  FsPermission1,
  HdfsFileStatus1,
  hadoop1Types,
  LocatedBlock1,
  LocatedBlocks1,
  Text1,
  Token1,
  UpgradeStatusReport1,
} from './writables.ts'

/** What `getProtocolVersion` is asked for. */
export const clientProtocol1 = {
  name: 'org.apache.hadoop.hdfs.protocol.ClientProtocol',
  version: 61n,
} as const

const permission = { writable: FsPermission1 } as const
const locatedBlock = { writable: LocatedBlock1 } as const
const datanodes = { array: { writable: DatanodeInfo1 } } as const
const token = { writable: Token1 } as const
const enumeration = (name: string) =>
  ({ enumeration: `org.apache.hadoop.hdfs.protocol.FSConstants$${name}` }) as const

const method = <const P extends readonly JavaType[], const R extends JavaType>(
  name: string,
  parameters: P,
  result: R,
) => method1(hadoop1Types, name, parameters, result)

/** Methods by name: parameters in Java's order, then the result. */
export const ClientProtocol61 = {
  /** protocol, client version → version of the server. */
  getProtocolVersion: method('getProtocolVersion', ['String', 'long'], 'long'),
  /** src, offset, length. */
  getBlockLocations: method('getBlockLocations', ['String', 'long', 'long'], { writable: LocatedBlocks1 }),
  /** src, masked permission, clientName, overwrite, replication, blockSize. */
  create: method('create', ['String', permission, 'String', 'boolean', 'short', 'long'], 'void'),
  /** The same with createParent behind overwrite. */
  createIn: method('create', ['String', permission, 'String', 'boolean', 'boolean', 'short', 'long'], 'void'),
  /** src, clientName → the last block when it is not full. */
  append: method('append', ['String', 'String'], locatedBlock),
  /** src, clientName → whether the file is closed. */
  recoverLease: method('recoverLease', ['String', 'String'], 'boolean'),
  isFileClosed: method('isFileClosed', ['String'], 'boolean'),
  setReplication: method('setReplication', ['String', 'short'], 'boolean'),
  setPermission: method('setPermission', ['String', permission], 'void'),
  /** src, user or null, group or null. */
  setOwner: method('setOwner', ['String', 'String', 'String'], 'void'),
  /** block, src, holder. */
  abandonBlock: method('abandonBlock', [{ writable: Block1 }, 'String', 'String'], 'void'),
  /** src, clientName. */
  addBlockAnywhere: method('addBlock', ['String', 'String'], locatedBlock),
  /** src, clientName, nodes to be left out or null. */
  addBlock: method('addBlock', ['String', 'String', datanodes], locatedBlock),
  /** src, clientName → false: ask again. */
  complete: method('complete', ['String', 'String'], 'boolean'),
  reportBadBlocks: method('reportBadBlocks', [{ array: locatedBlock }], 'void'),
  rename: method('rename', ['String', 'String'], 'boolean'),
  /** target, sources. */
  concat: method('concat', ['String', { array: 'String' }], 'void'),
  /** src, with everything below. */
  deleteTree: method('delete', ['String'], 'boolean'),
  /** src, recursive. */
  delete: method('delete', ['String', 'boolean'], 'boolean'),
  mkdirs: method('mkdirs', ['String', permission], 'boolean'),
  /** src, name after which to go on. */
  getListing: method('getListing', ['String', { array: 'byte' }], { writable: DirectoryListing1 }),
  renewLease: method('renewLease', ['String'], 'void'),
  /** capacity, used, remaining, under-replicated, corrupt, missing. */
  getStats: method('getStats', [], { array: 'long' }),
  /** ALL, LIVE or DEAD. */
  getDatanodeReport: method('getDatanodeReport', [enumeration('DatanodeReportType')], datanodes),
  getPreferredBlockSize: method('getPreferredBlockSize', ['String'], 'long'),
  /** SAFEMODE_ENTER, SAFEMODE_LEAVE or SAFEMODE_GET. */
  setSafeMode: method('setSafeMode', [enumeration('SafeModeAction')], 'boolean'),
  saveNamespace: method('saveNamespace', [], 'void'),
  refreshNodes: method('refreshNodes', [], 'void'),
  finalizeUpgrade: method('finalizeUpgrade', [], 'void'),
  /** GET_STATUS, DETAILED_STATUS or FORCE_PROCEED. */
  distributedUpgradeProgress: method('distributedUpgradeProgress', [enumeration('UpgradeAction')], {
    writable: UpgradeStatusReport1,
  }),
  metaSave: method('metaSave', ['String'], 'void'),
  setBalancerBandwidth: method('setBalancerBandwidth', ['long'], 'void'),
  getFileInfo: method('getFileInfo', ['String'], { writable: HdfsFileStatus1 }),
  getContentSummary: method('getContentSummary', ['String'], { writable: ContentSummary1 }),
  /** path, names, bytes. */
  setQuota: method('setQuota', ['String', 'long', 'long'], 'void'),
  /** src, clientName. */
  fsync: method('fsync', ['String', 'String'], 'void'),
  /** src, mtime, atime; −1 leaves one as it is. */
  setTimes: method('setTimes', ['String', 'long', 'long'], 'void'),
  /** renewer. */
  getDelegationToken: method('getDelegationToken', [{ writable: Text1 }], token),
  renewDelegationToken: method('renewDelegationToken', [token], 'long'),
  cancelDelegationToken: method('cancelDelegationToken', [token], 'void'),
} as const
