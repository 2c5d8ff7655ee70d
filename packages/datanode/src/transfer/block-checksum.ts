// BLOCK_CHECKSUM: the checksum of a block made of the checksums of its chunks, so that no data is read; as Java's
// `BlockChecksumHelper.ReplicatedBlockChecksumComputer`.
//
//   MD5CRC         MD5 over all stored CRCs
//   COMPOSITE_CRC  the CRC that the whole block would have, combined from its chunks' CRCs; or one of every stripe,
//                  for a unit of a striped file [ec.sum.2]
//
// Both are [xfer.sum.1].
import { createHash } from 'node:crypto'
import { type ChecksumType, kernel } from '@cairn/checksum'
import {
  BlockChecksumTypeProto,
  type OpBlockChecksumProto,
  type OpBlockChecksumResponseProto,
  Status,
} from '@cairn/hadoop-proto'
import { checksumTypeNumber } from '@cairn/hdfs-protocol'
import {
  type BlockChecksum,
  checksumBytes,
  metaHeaderBytes,
  readBlockChecksum,
} from '../storage/block-meta.ts'
import { formatReplica, type Replica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaFile } from '../storage/volume.ts'
import { compositeCrcs } from './composite-crc.ts'
import { lengthOf, poolOf, refuse } from './refuse.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

/** Checksums are read in pieces of this size: 64 MiB of block with 512-byte chunks. */
const sumsPieceBytes = 512 * 1024

/** Where checksums must be computed, the block is read in pieces of this size. */
const dataPieceBytes = 512 * 1024

export class BlockChecksumOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #request: OpBlockChecksumProto

  constructor(link: TransferLink, request: OpBlockChecksumProto) {
    this.#link = link
    this.#request = request
  }

  start(): void {
    this.#link.allowSilence(0)
    this.#compute().then(
      (checksumResponse) => {
        this.#link.connection.write(
          this.#link.version.encodeResponse('BLOCK_CHECKSUM', { status: Status.SUCCESS, checksumResponse }),
        )
        this.#link.finish()
      },
      (error) => refuse(this.#link, 'BLOCK_CHECKSUM', error),
    )
  }

  async #compute(): Promise<OpBlockChecksumResponseProto> {
    const { block } = this.#request.header
    const replica = poolOf(this.#link.context, block.poolId).require(block)
    const asked =
      block.numBytes === undefined ? replica.length : lengthOf(block.numBytes, 'ExtendedBlockProto.numBytes')
    const { blockChecksumType, stripeLength } = this.#request.blockChecksumOptions ?? {}
    const wanted = {
      type: blockChecksumType ?? BlockChecksumTypeProto.MD5CRC,
      stripeBytes: lengthOf(stripeLength, 'BlockChecksumOptionsProto.stripeLength'),
    }
    const file = replica.slice.open(replica, 'read')
    const types = this.#link.version.checksumTypes
    try {
      return await checksumOf(file, replica, Math.min(asked, replica.length), { ...wanted, types })
    } finally {
      file.close()
    }
  }

  receive(): void {
    // What comes before the answer is the next operation; it waits in the input.
  }

  ended(): boolean {
    return true
  }

  closed(): void {
    // The computation ends by itself; nobody is there to hear its result.
  }
}

interface Wanted {
  readonly type: number
  readonly stripeBytes: number
  /** What the peer knows. */
  readonly types: readonly ChecksumType[]
}

async function checksumOf(
  file: ReplicaFile,
  replica: Replica,
  length: number,
  wanted: Wanted,
): Promise<OpBlockChecksumResponseProto> {
  const stored = readBlockChecksum(file, formatReplica(replica))
  const { bytesPerChecksum } = stored
  const translates = !wanted.types.includes(stored.type)
  const format: BlockChecksum = translates ? { ...stored, type: 'CRC32' } : stored
  const sums = translates
    ? await computedSums(file, length, format)
    : await chunkSums(file, replica, length, format)
  const composite = wanted.type === BlockChecksumTypeProto.COMPOSITE_CRC
  return {
    bytesPerCrc: bytesPerChecksum,
    crcPerBlock: BigInt(checksumBytes(format.type) === 0 ? 0 : sums.length / 4),
    blockChecksum: composite
      ? compositeCrcs(sums, length, format, wanted.stripeBytes)
      : createHash('md5').update(sums).digest(),
    crcType: checksumTypeNumber(format.type),
    blockChecksumOptions: {
      blockChecksumType: composite ? BlockChecksumTypeProto.COMPOSITE_CRC : BlockChecksumTypeProto.MD5CRC,
      stripeLength: BigInt(wanted.stripeBytes),
    },
  }
}

/** Checksums of a type that is not stored, for a peer that knows no other: the block is read [xfer17.checksum.2]. */
async function computedSums(
  file: ReplicaFile,
  length: number,
  { type, bytesPerChecksum }: BlockChecksum,
): Promise<Uint8Array> {
  const sums = new Uint8Array(Math.ceil(length / bytesPerChecksum) * 4)
  const piece = new Uint8Array(Math.ceil(dataPieceBytes / bytesPerChecksum) * bytesPerChecksum)
  for (let at = 0; at < length; at += piece.length) {
    const data = piece.subarray(0, Math.min(piece.length, length - at))
    await file.read('data', [data], at)
    kernel.compute(type, data, bytesPerChecksum, sums, (at / bytesPerChecksum) * 4)
  }
  return sums
}

/** The stored checksums of the first `length` bytes; a chunk that is cut gets its own, computed. */
async function chunkSums(
  file: ReplicaFile,
  replica: Replica,
  length: number,
  format: BlockChecksum,
): Promise<Uint8Array> {
  const { type, bytesPerChecksum } = format
  if (type === 'NULL') return new Uint8Array(0)
  const lastChunk = replica.lastChunk
  const written = replica.length
  const sums = new Uint8Array(Math.ceil(length / bytesPerChecksum) * 4)
  for (let at = 0; at < sums.length; at += sumsPieceBytes) {
    const piece = sums.subarray(at, at + sumsPieceBytes)
    if ((await file.read('meta', [piece], metaHeaderBytes + at)) < piece.length) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_CORRUPT',
        `checksum ${formatReplica(replica)}: found a meta file that is too short`,
      )
    }
  }
  const partial = length % bytesPerChecksum
  if (partial > 0 && length < written) {
    const chunk = new Uint8Array(partial)
    await file.read('data', [chunk], length - partial)
    kernel.compute(type, chunk, bytesPerChecksum, sums, sums.length - 4)
  } else if (partial > 0 && lastChunk?.length === length) {
    sums.set(lastChunk.checksum, sums.length - 4)
  }
  return sums
}
