import type { ExtendedBlockProto, LocatedBlockProto } from '@cairn/hadoop-proto'
import type { ChecksumFormat } from '@cairn/hdfs-protocol'

/** A file that this client holds the lease of. */
export interface WrittenFile {
  readonly path: string
  /** The inode's id: requests name it, so that a rename does not lead them astray. */
  readonly fileId: bigint
  readonly blockSize: number
  readonly replication: number
  readonly checksum: ChecksumFormat
  /** Bytes that it had when it was opened. */
  readonly length: number
  /** The last block, when it is to be filled up (append). */
  readonly lastBlock: LocatedBlockProto | undefined
  /** The last block, when writing goes on in a new one although this one is not full (append with NEW_BLOCK). */
  readonly previous: ExtendedBlockProto | undefined
}
