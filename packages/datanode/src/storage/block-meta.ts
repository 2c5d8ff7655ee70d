// The meta file of a replica: a header of 7 bytes, then one checksum for every chunk of the block file.
// The format of the header is in @cairn/hdfs-storage.
import type { ChecksumType } from '@cairn/checksum'
import {
  blockMetadataHeaderBytes,
  decodeBlockMetadataHeader,
  encodeBlockMetadataHeader,
} from '@cairn/hdfs-storage'
import { ReplicaError } from './replica-error.ts'
import type { ReplicaFile } from './volume.ts'

/** How a block is covered by checksums. */
export interface BlockChecksum {
  readonly type: ChecksumType
  readonly bytesPerChecksum: number
}

export const metaHeaderBytes = blockMetadataHeaderBytes

/** Bytes of one checksum. */
export function checksumBytes(type: ChecksumType): number {
  return type === 'NULL' ? 0 : 4
}

/** Length of the meta file of a block of `length` bytes. */
export function metaLength(length: number, checksum: BlockChecksum): number {
  return metaHeaderBytes + Math.ceil(length / checksum.bytesPerChecksum) * checksumBytes(checksum.type)
}

/** Where the checksum of the chunk that holds `offset` is. */
export function checksumPosition(offset: number, checksum: BlockChecksum): number {
  return metaHeaderBytes + Math.floor(offset / checksum.bytesPerChecksum) * checksumBytes(checksum.type)
}

/** Reads and checks the header; a meta file that has none is a corrupt replica. */
export function readBlockChecksum(file: ReplicaFile, replica: string): BlockChecksum {
  const header = new Uint8Array(metaHeaderBytes)
  if (file.readSync('meta', header, 0) < metaHeaderBytes) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_CORRUPT',
      `read the meta header of ${replica}: found a file of less than ${metaHeaderBytes} bytes`,
    )
  }
  try {
    const { type, bytesPerChecksum } = decodeBlockMetadataHeader(header)
    return { type, bytesPerChecksum }
  } catch (cause) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_CORRUPT',
      `read the meta header of ${replica}: ${(cause as Error).message}`,
      { cause },
    )
  }
}

export function writeBlockChecksum(file: ReplicaFile, checksum: BlockChecksum): void {
  file.write('meta', [encodeBlockMetadataHeader(checksum)], 0)
}
