import { Buffer } from 'node:buffer'
import {
  type LocatedBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
} from '@cairn/hadoop-proto'
import { openBlockWriter } from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import { openReplica } from '../read/replica-reader.ts'
import { writeFormat } from '../write/write-format.ts'

/** A block as getBlockLocations and addBlock give it. */
export type LocatedBlock = LocatedBlockProto

/** Which bytes of a block to read. */
export interface BlockRange {
  /** First byte, in the block. Default 0. */
  offset?: number | undefined
  /** Default: up to the block's end. */
  length?: number | undefined
  /** Default: this client. */
  clientName?: string | undefined
  signal?: AbortSignal | undefined
}

/** How to write a block. */
export interface BlockWriteOptions {
  /** Lease holder that the block was added for. Default: this client. */
  clientName?: string | undefined
  signal?: AbortSignal | undefined
}

/** Reads from the first DataNode that gives all the bytes; rejects with the last BlockReadError. */
export async function readBlock(
  context: ClientContext,
  block: LocatedBlock,
  range: BlockRange = {},
): Promise<Buffer> {
  const offset = range.offset ?? 0
  const { clientName } = range
  const length = range.length ?? Number(block.b.numBytes ?? 0n) - offset
  const bytes = Buffer.allocUnsafe(length)
  let failure: unknown = new RangeError(`read block ${block.b.blockId}: it has no DataNode`)
  for (const node of block.locs) {
    try {
      const reader = await openReplica(context, block, node, {
        offset,
        length,
        clientName,
        signal: range.signal,
      })
      try {
        let count = 0
        for (let got = 1; got > 0 && count < length; count += got)
          got = await reader.read(bytes.subarray(count))
        return bytes.subarray(0, count)
      } finally {
        await reader.close()
      }
    } catch (error) {
      range.signal?.throwIfAborted()
      failure = error
    }
  }
  throw failure
}

/** Writes a new block through its pipeline, and finishes it; rejects with BlockWriteError. Nothing is retried. */
export async function writeBlock(
  context: ClientContext,
  block: LocatedBlock,
  data: Uint8Array,
  options: BlockWriteOptions = {},
): Promise<void> {
  const { settings, leases, datanodes } = context
  const { checksum } = await writeFormat(context, { signal: options.signal })
  const writer = await openBlockWriter({
    connections: datanodes,
    block: { ...block.b, numBytes: BigInt(data.length) },
    token: block.blockToken,
    pipeline: block.locs,
    storageTypes: block.storageTypes,
    storageIds: block.storageIDs,
    stage: Stage.PIPELINE_SETUP_CREATE,
    clientName: options.clientName ?? leases.clientName,
    checksum,
    dataTransfer: context.namenode.generation.dataTransfer,
    useDatanodeHostname: settings.useDatanodeHostname,
    signal: options.signal,
  })
  try {
    const waiting = writer.write(data)
    if (waiting) await waiting
    await writer.finish()
  } catch (error) {
    writer.abort()
    throw error
  }
}
