import type { DatanodeStorageProto, StorageBlockReportProto } from '@cairn/hadoop-proto'
import { decodeBlockBuffers, encodeBlockBuffers } from './block-buffers.ts'
import { decodeBlockLongs, encodeBlockLongs } from './block-longs.ts'
import type { ReportedReplica } from './replica.ts'

/** Bit of `NamespaceInfoProto.capabilities`: the NameNode reads the buffers form. */
export const capabilityBlockReportBuffers = 1n

/** All replicas of one storage as a NameNode with these capabilities wants them. */
export function encodeStorageBlockReport(
  storage: DatanodeStorageProto,
  replicas: Iterable<ReportedReplica>,
  capabilities: bigint,
): StorageBlockReportProto {
  if ((capabilities & capabilityBlockReportBuffers) === 0n) {
    return { storage, blocks: encodeBlockLongs(replicas), blocksBuffers: [] }
  }
  return { storage, blocks: [], ...encodeBlockBuffers(replicas) }
}

/** The replicas in a report of either form: `numberOfBlocks` tells them apart, as in Java. */
export function decodeStorageBlockReport(report: StorageBlockReportProto): ReportedReplica[] {
  return report.numberOfBlocks === undefined
    ? decodeBlockLongs(report.blocks)
    : decodeBlockBuffers(report.numberOfBlocks, report.blocksBuffers)
}
