// Values that many calls carry, between Hadoop 1's words and today's.
//
// 64-bit numbers are signed in Java; today's messages declare most of them unsigned and carry the same bits.
import { ProtocolError } from '@cairn/bytes'
import {
  DatanodeInfoProto_AdminState as AdminState,
  type DatanodeInfoProto,
  type ExtendedBlockProto,
  HdfsFileStatusProto_FileType as FileType,
  type FsPermissionProto,
  type HdfsFileStatusProto,
  type LocatedBlockProto,
  type LocatedBlocksProto,
  type TokenProto,
} from '@cairn/hadoop-proto'
import type {
  Block1,
  DatanodeInfo1,
  FsPermission1,
  HdfsFileStatus1,
  LocatedBlock1,
  LocatedBlocks1,
  Token1,
} from '../writables.ts'

/** The bits of a Java long as today's uint64 fields carry them. */
export const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value)

/** The Java long that a uint64 field carries. */
export const signed = (value: bigint): bigint => BigInt.asIntN(64, value)

/** The number that a Java short has with these bits. */
export const toShort = (value: number): number => (value << 16) >> 16

/** A value that Java's callers never leave null. */
export function present<T>(value: T | null, what: string): T {
  if (value !== null) return value
  throw new ProtocolError('ERR_WRITABLE_NULL', `read ${what}: found null; a value is required`)
}

/** A String that is no null: Java would fail with a NullPointerException where one is used. */
export const text = (value: string | null): string => present(value, 'a String')

export const permissionOf = (permission: FsPermission1 | null): FsPermissionProto => ({
  perm: present(permission, 'an FsPermission').mode & 0xffff,
})

/** The permission without the bits that later releases put above the sticky bit. */
export const permission1Of = ({ perm }: FsPermissionProto): FsPermission1 => ({
  mode: toShort(perm & 0o1777),
})

/** Hadoop 1 has no block pools: their id is empty [client1.block.1]. */
const poolId = ''

export const blockOf = (block: Block1): ExtendedBlockProto => ({
  poolId,
  // Signed in today's messages too, as they are decoded here: an id is what its file is named.
  blockId: block.blockId,
  generationStamp: unsigned(block.generationStamp),
  numBytes: unsigned(block.numBytes),
})

export const block1Of = (block: ExtendedBlockProto): Block1 => ({
  blockId: signed(block.blockId),
  numBytes: signed(block.numBytes ?? 0n),
  generationStamp: signed(block.generationStamp),
})

export const tokenOf1 = ({ identifier, password, kind, service }: Token1): TokenProto => ({
  identifier,
  password,
  kind,
  service,
})

export const token1Of = ({ identifier, password, kind, service }: TokenProto): Token1 => ({
  identifier,
  password,
  kind,
  service,
})

const adminStates: readonly (readonly [string, number])[] = [
  ['NORMAL', AdminState.NORMAL],
  ['DECOMMISSION_INPROGRESS', AdminState.DECOMMISSION_INPROGRESS],
  ['DECOMMISSIONED', AdminState.DECOMMISSIONED],
]

/** [client1.datanode.1] */
export function datanodeOf(node: DatanodeInfo1): DatanodeInfoProto {
  const colon = node.name.lastIndexOf(':')
  const port = Number(node.name.slice(colon + 1))
  if (colon < 0 || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ProtocolError(
      'ERR_WRITABLE_DATANODE',
      `read DatanodeID.name: found ${JSON.stringify(node.name)}; an address and a port are required`,
    )
  }
  return {
    id: {
      ipAddr: node.name.slice(0, colon),
      hostName: node.hostName,
      datanodeUuid: node.storageID,
      xferPort: port,
      infoPort: node.infoPort,
      ipcPort: node.ipcPort,
    },
    capacity: unsigned(node.capacity),
    dfsUsed: unsigned(node.dfsUsed),
    remaining: unsigned(node.remaining),
    lastUpdate: unsigned(node.lastUpdate),
    xceiverCount: node.xceiverCount >>> 0,
    location: node.location,
    adminState: adminStates.find(([name]) => name === node.adminState)?.[1] ?? AdminState.NORMAL,
  }
}

/** States of maintenance, which Hadoop 1 does not know, are NORMAL to it. */
export const datanode1Of = (node: DatanodeInfoProto): DatanodeInfo1 => ({
  name: `${node.id.ipAddr}:${node.id.xferPort}`,
  storageID: node.id.datanodeUuid,
  infoPort: node.id.infoPort,
  ipcPort: node.id.ipcPort,
  capacity: signed(node.capacity ?? 0n),
  dfsUsed: signed(node.dfsUsed ?? 0n),
  remaining: signed(node.remaining ?? 0n),
  lastUpdate: signed(node.lastUpdate ?? 0n),
  xceiverCount: (node.xceiverCount ?? 0) | 0,
  location: node.location ?? '/default-rack',
  hostName: node.id.hostName,
  adminState: adminStates.find(([, state]) => state === node.adminState)?.[0] ?? 'NORMAL',
})

/** DatanodeInfo[]; Java's null is an empty list. */
export const datanodesOf = (nodes: readonly (DatanodeInfo1 | null)[] | null): DatanodeInfoProto[] =>
  (nodes ?? []).map((node) => datanodeOf(present(node, 'a DatanodeInfo')))

export const locatedBlockOf = (located: LocatedBlock1): LocatedBlockProto => ({
  b: blockOf(located.block),
  offset: unsigned(located.offset),
  locs: located.locs.map(datanodeOf),
  corrupt: located.corrupt,
  blockToken: tokenOf1(located.blockToken),
  isCached: [],
  storageTypes: [],
  storageIDs: [],
  blockTokens: [],
})

export const locatedBlock1Of = (located: LocatedBlockProto): LocatedBlock1 => ({
  blockToken: token1Of(located.blockToken),
  corrupt: located.corrupt,
  offset: signed(located.offset),
  block: block1Of(located.b),
  locs: located.locs.map(datanode1Of),
})

/** Where a block ends in its file. */
const endOf = ({ offset, b }: LocatedBlockProto): bigint => offset + (b.numBytes ?? 0n)

/** Of a file being written, the last block is under way when it is among those asked for [client1.located.1]. */
export function locatedBlocksOf(located: LocatedBlocks1): LocatedBlocksProto {
  const blocks = located.blocks.map(locatedBlockOf)
  const fileLength = unsigned(located.fileLength)
  const last = blocks.at(-1)
  const isLast = located.underConstruction && last !== undefined && endOf(last) >= fileLength
  return {
    fileLength,
    blocks,
    underConstruction: located.underConstruction,
    lastBlock: isLast ? last : undefined,
    isLastBlockComplete: !isLast,
  }
}

/**
 * Clients of Hadoop 1 take the bytes of a block being written to be counted in the file's length; today's NameNodes
 * leave them out.
 */
export function locatedBlocks1Of(located: LocatedBlocksProto): LocatedBlocks1 {
  const last = located.blocks.at(-1)
  const counted = !located.isLastBlockComplete && last !== undefined && endOf(last) > located.fileLength
  return {
    fileLength: signed(counted ? endOf(last) : located.fileLength),
    underConstruction: located.underConstruction,
    blocks: located.blocks.map(locatedBlock1Of),
  }
}

/** [client1.status.1] */
export const fileStatusOf = (status: HdfsFileStatus1): HdfsFileStatusProto => ({
  fileType: status.isdir ? FileType.IS_DIR : FileType.IS_FILE,
  path: status.path,
  length: unsigned(status.length),
  permission: permissionOf(status.permission),
  owner: status.owner,
  group: status.group,
  modification_time: unsigned(status.modificationTime),
  access_time: unsigned(status.accessTime),
  block_replication: status.blockReplication & 0xffff,
  blocksize: unsigned(status.blocksize),
})

export const fileStatus1Of = (status: HdfsFileStatusProto): HdfsFileStatus1 => ({
  path: status.path,
  length: signed(status.length),
  isdir: status.fileType === FileType.IS_DIR,
  blockReplication: toShort(status.block_replication ?? 0),
  blocksize: signed(status.blocksize ?? 0n),
  modificationTime: signed(status.modification_time),
  accessTime: signed(status.access_time),
  permission: permission1Of(status.permission),
  owner: status.owner,
  group: status.group,
})

/** Names as byte[]: RPC 4 puts an array of bytes as one signed number after the other. */
export const bytesOf = (values: readonly number[] | null): Uint8Array =>
  Uint8Array.from(values ?? [], (value) => value & 0xff)

export const bytes1Of = (bytes: Uint8Array): number[] => Array.from(bytes, (value) => (value << 24) >> 24)

/** A Java enumeration's constants that today's messages number. */
type Constants = Readonly<Record<string, number>>

/** The number of a constant that came by name. */
export function constantOf(constants: Constants, name: string | null): number {
  const value = constants[present(name, 'an enumeration')]
  if (value !== undefined && Object.hasOwn(constants, name!)) return value
  throw new ProtocolError(
    'ERR_WRITABLE_ENUM',
    `read an enumeration: found ${JSON.stringify(name)}; ${Object.keys(constants).join(', ')} are allowed`,
  )
}

/** The name of a constant; callers have asked before whether there is one. */
export function nameOfConstant(constants: Constants, value: number): string {
  const found = Object.entries(constants).find(([, number]) => number === value)
  if (found) return found[0]
  throw new ProtocolError(
    'ERR_WRITABLE_ENUM',
    `write an enumeration: found ${value}; ${Object.values(constants).join(', ')} are allowed`,
    { side: 'local' },
  )
}
