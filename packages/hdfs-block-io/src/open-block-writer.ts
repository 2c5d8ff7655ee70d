import { kernel as bestKernel, type ChecksumKernel } from '@cairn/checksum'
import type {
  CachingStrategyProto,
  DatanodeInfoProto,
  ExtendedBlockProto,
  OpWriteBlockProto,
  OpWriteBlockProto_BlockConstructionStage,
  StorageTypeProto,
  TokenProto,
} from '@cairn/hadoop-proto'
import {
  BlockWriteClientSession,
  type ChecksumFormat,
  type DataTransferVersion,
  encodeChecksumFormat,
  OutgoingPackets,
} from '@cairn/hdfs-protocol'
import { BlockWriteError, loginKind } from './block-io-error.ts'
import { BlockWriter } from './block-writer.ts'
import { datanodeAddress, formatDatanodeAddress } from './datanode-address.ts'
import type { DatanodeConnections } from './datanode-connections.ts'
import { answersReadBytes, socketTimeoutMsDefault, timeoutPerNodeMs } from './limits.ts'

export interface OpenBlockWriterOptions {
  readonly connections: DatanodeConnections
  /** With the generation stamp of this pipeline; `numBytes` = the block size, so that nodes reserve the space. */
  readonly block: ExtendedBlockProto
  readonly token: TokenProto
  /** The nodes, nearest first; at least one. */
  readonly pipeline: readonly DatanodeInfoProto[]
  /** As many as nodes, or none. */
  readonly storageTypes?: readonly StorageTypeProto[] | undefined
  readonly storageIds?: readonly string[] | undefined
  readonly pinnings?: readonly boolean[] | undefined
  readonly stage: OpWriteBlockProto_BlockConstructionStage
  readonly clientName: string
  readonly checksum: ChecksumFormat
  /** Append and recovery: replicas must have at least `min` and at most `max` bytes. Default 0. */
  readonly minBytesRcvd?: number | undefined
  readonly maxBytesRcvd?: number | undefined
  /** Append and recovery: the new generation stamp. Default 0. */
  readonly latestGenerationStamp?: bigint | undefined
  readonly allowLazyPersist?: boolean | undefined
  readonly cachingStrategy?: CachingStrategyProto | undefined
  /** Recovery: the packets of the broken pipeline's writer. Default: new ones. */
  readonly packets?: OutgoingPackets | undefined
  /** Append: bytes that the block has. Default 0. Ignored with `packets`. */
  readonly startOffset?: number | undefined
  /** Most data in a packet. Default 64 KiB, later in the block 512 KiB. Ignored with `packets`. */
  readonly packetDataBytes?: number | undefined
  /** Most packets ready and in flight. Default 80, of large ones no more than 5 MiB. Ignored with `packets`. */
  readonly windowPackets?: number | undefined
  /** Sends `packets` that are ready right behind the operation: a round trip less for small blocks. Default false. */
  readonly eager?: boolean | undefined
  /** Reach nodes by name instead of IP address. Default false. */
  readonly useDatanodeHostname?: boolean | undefined
  /** Aborting rejects what waits with `signal.reason` and drops the connection. */
  readonly signal?: AbortSignal | undefined
  /** Longest time without any acknowledgement while packets are in flight. Default 60 s and 5 s a node. */
  readonly timeoutMs?: number | undefined
  /** A packet that shows life after this much silence of ours. Default half of 60 s. */
  readonly heartbeatMs?: number | undefined
  /** Default: the best one of this machine. */
  readonly kernel?: ChecksumKernel | undefined
  /** What the nodes speak. Default version 28: Hadoop 0.23 and later. Ignored with `packets`. */
  readonly dataTransfer?: DataTransferVersion | undefined
}

/** The message of WRITE_BLOCK for the first node of the pipeline. */
function writeRequest(options: OpenBlockWriterOptions): OpWriteBlockProto {
  const { block, token, clientName, pipeline } = options
  const [storageType, ...targetStorageTypes] = options.storageTypes ?? []
  const [storageId, ...targetStorageIds] = options.storageIds ?? []
  const [pinning, ...targetPinnings] = options.pinnings ?? []
  return {
    header: { baseHeader: { block, token }, clientName },
    targets: pipeline.slice(1),
    stage: options.stage,
    pipelineSize: pipeline.length,
    minBytesRcvd: BigInt(options.minBytesRcvd ?? 0),
    maxBytesRcvd: BigInt(options.maxBytesRcvd ?? 0),
    latestGenerationStamp: options.latestGenerationStamp ?? 0n,
    requestedChecksum: encodeChecksumFormat(options.checksum),
    cachingStrategy: options.cachingStrategy ?? {},
    storageType,
    targetStorageTypes,
    allowLazyPersist: options.allowLazyPersist ?? false,
    pinning: pinning ?? false,
    targetPinnings,
    storageId,
    targetStorageIds,
  }
}

/**
 * Sets up a pipeline; resolves when all its nodes are ready. Rejects with `BlockWriteError`, whose `failedNodeIndex`
 * says which node to leave out, or with `signal.reason`.
 */
export async function openBlockWriter(options: OpenBlockWriterOptions): Promise<BlockWriter> {
  const { pipeline, signal, block, connections } = options
  signal?.throwIfAborted()
  const first = pipeline[0]
  if (first === undefined)
    throw new RangeError(`write block ${block.blockId}: found a pipeline without nodes`)
  const datanode = datanodeAddress(first, options.useDatanodeHostname)
  const attempted = `write block ${block.blockId}`
  const packets =
    options.packets ??
    new OutgoingPackets({
      kernel: options.kernel ?? bestKernel,
      format: options.checksum,
      startOffset: options.startOffset,
      packetDataBytes: options.packetDataBytes,
      windowPackets: options.windowPackets,
      version: options.dataTransfer,
    })
  packets.rewind()
  const connection = await connections
    .open(datanode, options, signal, answersReadBytes)
    .catch((error: unknown) => {
      if (signal?.aborted) throw signal.reason
      const text = error instanceof Error ? error.message : String(error)
      const message = `${attempted} to ${formatDatanodeAddress(datanode)}: ${text}`
      throw new BlockWriteError(loginKind(error) ?? 'connect', message, {
        datanode,
        cause: error,
        failedNodeIndex: 0,
      })
    })
  const writer = new BlockWriter({
    connection,
    session: new BlockWriteClientSession(writeRequest(options), packets, connection.input, {
      eager: options.eager,
    }),
    packets,
    pipeline,
    attempted,
    timeoutMs: options.timeoutMs ?? socketTimeoutMsDefault + timeoutPerNodeMs * pipeline.length,
    heartbeatMs: options.heartbeatMs ?? socketTimeoutMsDefault / 2,
    signal,
  })
  await writer.start()
  return writer
}
