import type { DatanodeInfoProto, LocatedBlockProto } from '@cairn/hadoop-proto'
import { BlockReadError, type BlockReader, datanodeAddress, openBlockReader } from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'

/** Which bytes of a block are wanted. */
export interface ReplicaRange {
  /** First byte, in the block. */
  readonly offset: number
  readonly length: number
  /** Default: the client's own name. */
  readonly clientName?: string | undefined
  readonly signal: AbortSignal | undefined
}

/** Asks one DataNode for a range of a block. */
export function openReplica(
  context: ClientContext,
  block: LocatedBlockProto,
  node: DatanodeInfoProto,
  range: ReplicaRange,
): Promise<BlockReader> {
  const { settings } = context
  return openBlockReader({
    connections: context.datanodes,
    block: block.b,
    token: block.blockToken,
    datanode: datanodeAddress(node, settings.useDatanodeHostname),
    offset: range.offset,
    length: range.length,
    clientName: range.clientName ?? context.leases.clientName,
    verifyChecksums: settings.verifyChecksums,
    dataTransfer: context.namenode.generation.dataTransfer,
    timeoutMs: settings.dataTimeoutMs,
    signal: range.signal,
  })
}

/**
 * What a failed replica means for the next try:
 *   corrupt      its bytes are wrong: report it
 *   token        the block token ran out: ask for locations again
 *   unreachable  the DataNode is gone or silent: try it last for a while
 *   refused      it has no such replica, or speaks oddly: try another
 */
export type ReplicaFailure = 'corrupt' | 'token' | 'unreachable' | 'refused'

/** Sorts a failed read of a replica. */
export function failureOfReplica(error: unknown): ReplicaFailure {
  if (!(error instanceof BlockReadError)) return 'refused'
  switch (error.kind) {
    case 'checksum':
      return 'corrupt'
    case 'token':
      return 'token'
    case 'connect':
    case 'closed':
    case 'timeout':
      return 'unreachable'
    default:
      return 'refused'
  }
}
