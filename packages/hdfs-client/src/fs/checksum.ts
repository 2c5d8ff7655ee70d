// Checksums of whole files as Hadoop's FileChecksumHelper makes them: each block's checksum comes from a DataNode that
// has the block (OP_BLOCK_CHECKSUM), that of a block group from one that asks the others; here they are put together.
//
//   MD5-of-MD5-of-CRC  | int32 bytesPerCrc | int64 crcPerBlock | md5(md5 of block 1, md5 of block 2, …, zeros) |
//   COMPOSITE-CRC      | int32 CRC of the whole file |          the same whatever the block size
//
// The zeros: Java sums up the whole buffer that it collects the MD5s in, of 32 bytes at first and doubled when full. It
// is part of every checksum that was ever compared, that of an empty file (32 zeros) included [xfer.sum.2].

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type ChecksumType, combineCrc } from '@cairn/checksum'
import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import type { BlockChecksum } from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import { LocatedFile } from '../read/located-file.ts'
import { replicaChecksum } from '../read/replica-checksum.ts'
import { HdfsFileError } from './file-error.ts'

/** Options of checksum. */
export interface FileChecksumOptions extends CallOptions {
  /** `MD5CRC` depends on block size and bytes per checksum, `COMPOSITE_CRC` does not. Default MD5CRC, as in Hadoop. */
  type?: 'MD5CRC' | 'COMPOSITE_CRC' | undefined
  /** Sums up only so many bytes from the start. Default: the whole file. */
  length?: number | undefined
}

/** A file's checksum; equal ones have equal `algorithm` and `hex`. */
export interface FileChecksum {
  /** As `hdfs dfs -checksum` prints it: `MD5-of-0MD5-of-512CRC32C`, `COMPOSITE-CRC32C`. */
  readonly algorithm: string
  /** Hadoop's serialised form. */
  readonly bytes: Buffer
  readonly hex: string
}

/** Most blocks asked at once. */
const blocksAtOnce = 8

interface BlockSum {
  readonly length: number
  readonly sum: BlockChecksum
}

/** Checksum of a file, made from its replicas' checksum files: no data crosses the network. */
export async function fileChecksum(
  context: ClientContext,
  path: string,
  options: FileChecksumOptions = {},
): Promise<FileChecksum> {
  const file = await LocatedFile.open(context, path, { syscall: 'checksum', ...options })
  const length = Math.min(options.length ?? file.length, file.length)
  const blocks = length === 0 ? [] : await file.blocksOf(0, length, options)
  const composite = options.type === 'COMPOSITE_CRC'
  const sums: BlockSum[] = new Array(blocks.length)
  let index = 0
  const askNext = async () => {
    while (index < blocks.length) {
      const at = index
      index += 1
      sums[at] = await blockSum(context, file, blocks[at]!, length, composite, options)
    }
  }
  await Promise.all(Array.from({ length: Math.min(blocksAtOnce, blocks.length) }, askNext))
  // Java answers for an empty file with the MD5 form, whatever was asked for.
  return composite && sums.length > 0 ? compositeCrc(sums, path) : md5OfMd5s(sums, path)
}

async function blockSum(
  context: ClientContext,
  file: LocatedFile,
  block: LocatedBlockProto,
  fileLength: number,
  composite: boolean,
  options: CallOptions,
): Promise<BlockSum> {
  const length = Math.min(Number(block.b.numBytes ?? 0n), fileLength - Number(block.offset))
  const shortened = { ...block, b: { ...block.b, numBytes: BigInt(length) } }
  const type = composite ? 'COMPOSITE_CRC' : 'MD5CRC'
  const { path, ecPolicy } = file
  const sum = await replicaChecksum(context, path, shortened, { type, ecPolicy, signal: options.signal })
  return { length, sum }
}

/** The type that all blocks have. */
function commonType(sums: readonly BlockSum[], path: string): ChecksumType {
  const types = new Set(sums.map(({ sum }) => sum.format.type))
  if (types.size === 1) return [...types][0]!
  const detail = `its blocks have different checksum types: ${[...types].join(', ')}`
  throw new HdfsFileError('EIO', 'checksum', { path, detail })
}

/** Bytes of one MD5, and of the buffer that Java starts with. */
const md5Bytes = 16
const bufferBytesFirst = 32

function md5OfMd5s(sums: readonly BlockSum[], path: string): FileChecksum {
  let bufferBytes = bufferBytesFirst
  while (bufferBytes < sums.length * md5Bytes) bufferBytes *= 2
  const buffer = new Uint8Array(bufferBytes)
  for (const [index, { sum }] of sums.entries()) buffer.set(sum.bytes.subarray(0, md5Bytes), index * md5Bytes)
  const bytesPerCrc = sums[0]?.sum.format.bytesPerChecksum ?? 0
  // Java leaves it 0 for a file of one block, and so do all checksums that were ever stored.
  const crcPerBlock = sums.length > 1 ? sums[0]!.sum.crcPerBlock : 0
  const bytes = Buffer.alloc(28)
  bytes.writeInt32BE(bytesPerCrc, 0)
  bytes.writeBigInt64BE(BigInt(crcPerBlock), 4)
  createHash('md5').update(buffer).digest().copy(bytes, 12)
  const type = sums.length === 0 ? 'CRC32' : commonType(sums, path)
  return checksumOf(`MD5-of-${crcPerBlock}MD5-of-${bytesPerCrc}${type}`, bytes)
}

function compositeCrc(sums: readonly BlockSum[], path: string): FileChecksum {
  const type = commonType(sums, path)
  let crc = 0
  for (const { length, sum } of sums) {
    const block = Buffer.from(sum.bytes).readUInt32BE(0)
    crc = combineCrc(type, crc, block, length)
  }
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc >>> 0)
  return checksumOf(`COMPOSITE-${type}`, bytes)
}

function checksumOf(algorithm: string, bytes: Buffer): FileChecksum {
  return { algorithm, bytes, hex: bytes.toString('hex') }
}
