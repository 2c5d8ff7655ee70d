/**
 * Block lists, buffers form (Java: `BlockListAsLongs.BufferDecoder`), for NameNodes with the capability
 * STORAGE_BLOCK_REPORT_BUFFERS. Per replica four varints, cut into pieces of 64 KiB wherever that falls:
 *
 *     | zig-zag blockId | bytes on disk (low 48 bits) | generation stamp | state (low 4 bits) |
 */
import { ByteReader, ByteWriter, concatBytes, ProtocolError } from '@cairn/bytes'
import { blocksBufferBytes, replicaEntryBytesMin } from './limits.ts'
import { checkReplicaState, type ReportedReplica } from './replica.ts'

/** The fields of `StorageBlockReportProto` that this form fills. */
export interface BlockBuffers {
  readonly numberOfBlocks: bigint
  readonly blocksBuffers: Uint8Array[]
}

function zigZag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
}

function unZigZag(bits: bigint): bigint {
  return BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n))
}

/** Encodes replicas in the buffers form. */
export function encodeBlockBuffers(replicas: Iterable<ReportedReplica>): BlockBuffers {
  const writer = new ByteWriter(blocksBufferBytes)
  let count = 0n
  for (const replica of replicas) {
    writer.varint64(zigZag(replica.blockId))
    writer.varint64(BigInt(replica.numBytes))
    writer.varint64(replica.generationStamp)
    writer.varint32(replica.state)
    count++
  }
  const bytes = writer.take()
  const blocksBuffers: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += blocksBufferBytes) {
    blocksBuffers.push(bytes.subarray(at, at + blocksBufferBytes))
  }
  return { numberOfBlocks: count, blocksBuffers }
}

/** Decodes the buffers form. A count that does not fit the bytes is a `ProtocolError` [blocks.buffers.1]. */
export function decodeBlockBuffers(
  numberOfBlocks: bigint,
  blocksBuffers: readonly Uint8Array[],
): ReportedReplica[] {
  const bytes = blocksBuffers.length === 1 ? blocksBuffers[0]! : concatBytes(blocksBuffers)
  if (numberOfBlocks < 0n || numberOfBlocks > BigInt(Math.floor(bytes.length / replicaEntryBytesMin))) {
    throw new ProtocolError(
      'ERR_BLOCK_LIST_COUNT',
      `read a block list: found a count of ${numberOfBlocks} for ${bytes.length} bytes; each entry takes at least ${replicaEntryBytesMin}`,
    )
  }
  const reader = new ByteReader(bytes)
  const replicas: ReportedReplica[] = []
  for (let left = Number(numberOfBlocks); left > 0; left--) {
    replicas.push({
      blockId: unZigZag(reader.varint64()),
      numBytes: Number(BigInt.asUintN(48, reader.varint64())),
      generationStamp: BigInt.asIntN(64, reader.varint64()),
      state: checkReplicaState(reader.varint32() & 0xf),
    })
  }
  if (reader.remaining > 0) {
    throw new ProtocolError(
      'ERR_BLOCK_LIST_COUNT',
      `read a block list: found ${reader.remaining} bytes after ${numberOfBlocks} entries`,
      { offset: reader.position },
    )
  }
  return replicas
}
