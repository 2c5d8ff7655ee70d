// Sets a pipeline up: the operation WRITE_BLOCK goes to its first DataNode, and through it to the others.

import { OpWriteBlockProto_BlockConstructionStage as Stage } from '@cairn/hadoop-proto'
import { type BlockWriter, openBlockWriter } from '@cairn/hdfs-block-io'
import type { OutgoingPackets } from '@cairn/hdfs-protocol'
import type { ClientContext } from '../client-context.ts'
import { throwFileError } from '../fs/file-error.ts'
import type { Pipeline } from './pipeline.ts'
import type { WrittenFile } from './written-file.ts'

/** What every pipeline of a block has in common. */
export interface BlockSetup {
  readonly context: ClientContext
  readonly file: WrittenFile
  /** The block's bytes. */
  readonly packets: OutgoingPackets
  readonly signal: AbortSignal | undefined
}

/** A pipeline for a block that has no replica yet; `eager` sends packets without waiting for the answer. */
export function createPipeline(setup: BlockSetup, pipeline: Pipeline, eager: boolean): Promise<BlockWriter> {
  return dialPipeline(setup, pipeline, { stage: 'create', generationStamp: 0n, eager })
}

/** How a pipeline is set up on existing replicas. */
export type RenewalStage = 'append' | 'append-recovery' | 'streaming-recovery' | 'close-recovery'

const stages: Readonly<Record<RenewalStage | 'create', number>> = {
  create: Stage.PIPELINE_SETUP_CREATE,
  append: Stage.PIPELINE_SETUP_APPEND,
  'append-recovery': Stage.PIPELINE_SETUP_APPEND_RECOVERY,
  'streaming-recovery': Stage.PIPELINE_SETUP_STREAMING_RECOVERY,
  'close-recovery': Stage.PIPELINE_CLOSE_RECOVERY,
}

/**
 * A pipeline on existing replicas, with a new generation stamp: those left behind keep the old one and are of no account
 * from then on. The result's block has the new stamp.
 */
export async function renewPipeline(
  setup: BlockSetup,
  pipeline: Pipeline,
  stage: RenewalStage,
): Promise<{ writer: BlockWriter; pipeline: Pipeline }> {
  const { context, file, packets, signal } = setup
  const { clientName } = context.leases
  const oldBlock = { ...pipeline.block, numBytes: BigInt(packets.bytesAcked) }
  const { block: renewed } = await context.namenode
    .call('updateBlockForPipeline', { block: oldBlock, clientName }, { signal })
    .catch((error: unknown) => throwFileError(error, 'write', file.path))
  const { generationStamp } = renewed.b
  const tokened = { ...pipeline, token: renewed.blockToken }
  const writer = await dialPipeline(setup, tokened, { stage, generationStamp, eager: false })
  const newBlock = { ...oldBlock, generationStamp }
  const newNodes = pipeline.nodes.map(({ id }) => id)
  const request = { clientName, oldBlock, newBlock, newNodes, storageIDs: [...pipeline.storageIds] }
  await context.namenode
    .call('updatePipeline', request, { signal })
    .catch((error: unknown) => throwFileError(error, 'write', file.path))
  return { writer, pipeline: { ...tokened, block: newBlock } }
}

/**
 * How much longer each further node of a pipeline may take to answer, in milliseconds: Hadoop's 5 s for its 60 s, and as
 * much less for a shorter time, so that a DataNode next to a silent one names it before the client guesses.
 */
function perNodeMs(dataTimeoutMs: number): number {
  return Math.min(5_000, dataTimeoutMs / 12)
}

/** Sends the operation; resolves when all nodes are ready, rejects with `BlockWriteError`. */
export function dialPipeline(
  setup: BlockSetup,
  pipeline: Pipeline,
  how: { stage: RenewalStage | 'create'; generationStamp: bigint; eager: boolean },
): Promise<BlockWriter> {
  const { context, file, packets, signal } = setup
  const { settings, leases, datanodes } = context
  return openBlockWriter({
    connections: datanodes,
    block: { ...pipeline.block, numBytes: BigInt(file.blockSize) },
    token: pipeline.token,
    pipeline: pipeline.nodes,
    storageTypes: pipeline.storageTypes,
    storageIds: pipeline.storageIds,
    stage: stages[how.stage],
    clientName: leases.clientName,
    checksum: file.checksum,
    minBytesRcvd: packets.bytesAcked,
    maxBytesRcvd: packets.bytesSent,
    latestGenerationStamp: how.generationStamp,
    packets,
    eager: how.eager,
    useDatanodeHostname: settings.useDatanodeHostname,
    timeoutMs: settings.dataTimeoutMs + perNodeMs(settings.dataTimeoutMs) * pipeline.nodes.length,
    heartbeatMs: settings.dataTimeoutMs / 2,
    signal,
  })
}
