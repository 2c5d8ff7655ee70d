import {
  type FsServerDefaultsProto,
  type LocatedBlockProto,
  SafeModeActionProto,
  type StorageTypeProto,
} from '@cairn/hadoop-proto'
import type { CallOptions, NamenodeProxy } from '../namenode/namenode-proxy.ts'
import { HdfsFileError, throwFileError } from './file-error.ts'

/** Space and health of the whole file system, in bytes and blocks. */
export interface FsStats {
  readonly capacity: number
  readonly used: number
  readonly remaining: number
  readonly underReplicatedBlocks: number
  readonly corruptBlocks: number
  readonly missingBlocks: number
}

/** getFsStats. */
export async function fsStats(namenode: NamenodeProxy, options?: CallOptions): Promise<FsStats> {
  const stats = await namenode
    .call('getFsStats', {}, options)
    .catch((error: unknown) => throwFileError(error, 'statfs'))
  return {
    capacity: Number(stats.capacity),
    used: Number(stats.used),
    remaining: Number(stats.remaining),
    underReplicatedBlocks: Number(stats.under_replicated),
    corruptBlocks: Number(stats.corrupt_blocks),
    missingBlocks: Number(stats.missing_blocks),
  }
}

/** What a NameNode proposes for new files. */
export interface ServerDefaultsInfo {
  readonly blockSize: number
  readonly replication: number
  readonly bytesPerChecksum: number
  /** Number of ChecksumTypeProto: 0 NULL, 1 CRC32, 2 CRC32C. */
  readonly checksumType: number
  readonly writePacketSize: number
  /** Minutes that removed files stay in the trash; 0: no trash. */
  readonly trashIntervalMinutes: number
  readonly encryptDataTransfer: boolean
}

/** FsServerDefaultsProto with plain numbers. */
export function serverDefaultsInfo(defaults: FsServerDefaultsProto): ServerDefaultsInfo {
  return {
    blockSize: Number(defaults.blockSize),
    replication: defaults.replication,
    bytesPerChecksum: defaults.bytesPerChecksum,
    checksumType: defaults.checksumType ?? 1,
    writePacketSize: defaults.writePacketSize,
    trashIntervalMinutes: Number(defaults.trashInterval ?? 0n),
    encryptDataTransfer: defaults.encryptDataTransfer === true,
  }
}

/** One block of a file and where its copies are. */
export interface BlockLocation {
  /** Where in the file the block starts. */
  readonly offset: number
  readonly length: number
  readonly corrupt: boolean
  /** `ip:port` of the DataNodes with a copy, nearest first. */
  readonly addresses: readonly string[]
  readonly hosts: readonly string[]
  /** Storage ids, in the order of `addresses`. */
  readonly storageIds: readonly string[]
  /** Numbers of StorageTypeProto: 1 DISK, 2 SSD, 3 ARCHIVE, 4 RAM_DISK, … */
  readonly storageTypes: readonly StorageTypeProto[]
  /** The message itself, for the low-level functions. */
  readonly locatedBlock: LocatedBlockProto
}

/** getBlockLocations of a byte range. */
export async function blockLocations(
  namenode: NamenodeProxy,
  path: string,
  range: { start: number; length: number },
  options?: CallOptions,
): Promise<BlockLocation[]> {
  const request = { src: path, offset: BigInt(range.start), length: BigInt(range.length) }
  const { locations } = await namenode
    .call('getBlockLocations', request, options)
    .catch((error: unknown) => throwFileError(error, 'blockLocations', path))
  if (locations === undefined) throw new HdfsFileError('ENOENT', 'blockLocations', { path })
  return locations.blocks.map((block) => ({
    offset: Number(block.offset),
    length: Number(block.b.numBytes ?? 0n),
    corrupt: block.corrupt,
    addresses: block.locs.map(({ id }) => `${id.ipAddr}:${id.xferPort}`),
    hosts: block.locs.map(({ id }) => id.hostName),
    storageIds: block.storageIDs,
    storageTypes: block.storageTypes,
    locatedBlock: block,
  }))
}

/** True while the NameNode refuses changes. */
export async function isInSafeMode(namenode: NamenodeProxy, options?: CallOptions): Promise<boolean> {
  const request = { action: SafeModeActionProto.SAFEMODE_GET, checked: false }
  try {
    return (await namenode.call('setSafeMode', request, options)).result
  } catch (error) {
    throwFileError(error, 'safeMode')
  }
}

/** Takes the lease of a file whose writer is gone; true when the file is closed, false while recovery runs. */
export async function recoverLease(
  namenode: NamenodeProxy,
  path: string,
  options: CallOptions & { clientName: string },
): Promise<boolean> {
  try {
    const request = { src: path, clientName: options.clientName }
    return (await namenode.call('recoverLease', request, options)).result
  } catch (error) {
    throwFileError(error, 'recoverLease', path)
  }
}
