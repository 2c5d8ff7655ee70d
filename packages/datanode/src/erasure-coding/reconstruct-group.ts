// One order of the NameNode: makes the missing units of a block group and sends them to where they shall be; as Java's
// `StripedBlockReconstructor`.
//
//     units that are there ==read==> buffers --decode--> buffers ==send==> targets      a slice at a time
import { ErasureCoder, stripingOf } from '@cairn/erasure-coding'
import type { BlockECReconstructionInfoProto } from '@cairn/hadoop-proto'
import { lengthOf } from '../transfer/refuse.ts'
import type { TransferContext } from '../transfer/transfer-context.ts'
import { type BlockGroup, sourcesOf, unitBlock, unitCount, unitLength } from './block-group.ts'
import { StripedReader, sourcesNeeded } from './striped-reader.ts'
import { type UnitTarget, UnitWriter } from './unit-writer.ts'

/** What is to be made, and for whom. */
export interface ReconstructionOrder {
  readonly group: BlockGroup
  readonly targets: readonly UnitTarget[]
}

/** Reads an order. Throws ProtocolError for one that makes no sense. */
export function reconstructionOrder(info: BlockECReconstructionInfoProto): ReconstructionOrder {
  const { schema, cellSize } = stripingOf(info.ecPolicy)
  const count = schema.dataUnits + schema.parityUnits
  const live = [...info.liveBlockIndices]
  const group: BlockGroup = {
    block: info.block,
    bytes: lengthOf(info.block.numBytes, 'ExtendedBlockProto.numBytes'),
    schema,
    cellSize,
    sources: sourcesOf(live, info.sourceDnInfos.datanodes, [], count),
  }
  return { group, targets: targetsOf(info, group, live) }
}

/**
 * [ec.targets.1] Units that are not live and have bytes, lowest first, go to the targets in their order; as Java's
 * `StripedWriter.initTargetIndices`.
 */
function targetsOf(
  info: BlockECReconstructionInfoProto,
  group: BlockGroup,
  live: readonly number[],
): UnitTarget[] {
  const excluded = [...(info.excludeReconstructedIndices ?? [])]
  const missing = Array.from({ length: unitCount(group) }, (_, unit) => unit).filter(
    (unit) => !live.includes(unit) && !excluded.includes(unit) && unitLength(group, unit) > 0,
  )
  const nodes = info.targetDnInfos.datanodes
  return missing.slice(0, nodes.length).map((unit, index) => ({
    unit,
    node: nodes[index]!,
    storageType: info.targetStorageTypes.storageTypes[index],
    storageId: info.targetStorageUuids.storageUuids[index],
  }))
}

/** How many transfers an order counts as in heartbeats; Java's `StripedReader.getXmits` [ec.xmits.1]. */
export function xmitsOf(order: ReconstructionOrder, weight: number): number {
  const connections = Math.max(sourcesNeeded(order.group), order.targets.length)
  return Math.max(Math.trunc(connections * weight), 1)
}

export interface ReconstructOptions {
  readonly bufferBytes: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Does it; gives the units that were made. A target that fails is left out; rejects when none is left, or when fewer
 * units can be read than decoding needs.
 */
export async function reconstructGroup(
  context: TransferContext,
  { group, targets }: ReconstructionOrder,
  options: ReconstructOptions,
): Promise<readonly number[]> {
  const reader = new StripedReader(context, group, options)
  let writers: UnitWriter[] = []
  try {
    await reader.open()
    const { checksum, sliceBytes } = reader
    const setup = { checksum, bufferBytes: sliceBytes }
    writers = await kept(context, targets, (target) => {
      const block = unitBlock(group, target.unit, unitLength(group, target.unit))
      return UnitWriter.open(context, { ...setup, target, block })
    })
    const coder = new ErasureCoder(group.schema)
    const longest = Math.max(...writers.map(({ length }) => length))
    for (let at = 0; at < longest; at += sliceBytes) {
      options.signal.throwIfAborted()
      const count = Math.min(sliceBytes, longest - at)
      const units = await reader.read(count)
      const outputs = new Map<UnitWriter, Uint8Array>()
      writers = await kept(context, writers, async (writer) => {
        outputs.set(writer, await writer.buffer(count))
        return writer
      })
      const erased = writers.map(({ target }) => target.unit)
      coder.decode(
        units,
        erased,
        writers.map((writer) => outputs.get(writer)!),
      )
      for (const writer of writers) writer.send(Math.min(count, Math.max(0, writer.length - at)))
    }
    const done = await kept(context, writers, async (writer) => {
      await writer.finish()
      return writer
    })
    return done.map(({ target }) => target.unit)
  } finally {
    reader.close()
    for (const writer of writers) writer.destroy()
  }
}

/** Those for which the step succeeds; the others are logged and dropped. Throws when it succeeds for none. */
async function kept<T extends UnitTarget | UnitWriter>(
  context: TransferContext,
  all: readonly T[],
  step: (one: T) => Promise<UnitWriter>,
): Promise<UnitWriter[]> {
  const ended = await Promise.allSettled(all.map(step))
  const good: UnitWriter[] = []
  let reason: unknown
  ended.forEach((result, index) => {
    if (result.status === 'fulfilled') {
      good.push(result.value)
      return
    }
    reason = result.reason
    const failed = all[index]!
    const { unit, node } = failed instanceof UnitWriter ? failed.target : (failed as UnitTarget)
    if (failed instanceof UnitWriter) failed.destroy()
    context.logger.warn(
      { unit, to: `${node.id.ipAddr}:${node.id.xferPort}`, error: String(reason) },
      'cannot write a unit of a group',
    )
  })
  if (good.length === 0) throw reason ?? new Error('reconstruct a block group: found no target')
  return good
}
