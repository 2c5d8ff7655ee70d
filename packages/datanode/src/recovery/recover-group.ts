// Recovers an erasure-coded block group as the primary, Java's `BlockRecoveryWorker.RecoveryTaskStriped`: the streams of
// a writer that died have got differently far, and the group must end where it can be decoded.
//
//   1  freeze every internal block that the NameNode knows and ask for its length       initReplicaRecovery
//   2  the safe length: whole stripes that as many internal blocks hold as there are data units
//   3  cut the internal blocks that reach so far to it; those that do not drop out     updateReplicaUnderRecovery
//   4  tell the NameNode, unit by unit                                                 commitBlockSynchronization

import { internalBlockId, internalBlockLength, stripingOf } from '@cairn/erasure-coding'
import type { DatanodeIDProto, RecoveringBlockProto } from '@cairn/hadoop-proto'
import type { Nameservice } from '../namenode/nameservice.ts'
import type { RecoveryContext } from './recovery-context.ts'
import { type Participant, ReplicaCalls } from './replica-calls.ts'

/** `DatanodeID.EMPTY_DATANODE_ID`: nobody holds this unit. */
const nobody: DatanodeIDProto = {
  ipAddr: 'null',
  hostName: 'null',
  datanodeUuid: '',
  xferPort: 0,
  infoPort: 0,
  ipcPort: 0,
}

/** Rejects when too few units are left or one drops out on the way; the NameNode then orders the recovery again. */
export async function recoverGroup(
  context: RecoveryContext,
  service: Nameservice,
  recovering: RecoveringBlockProto,
): Promise<void> {
  const { b: block } = recovering.block
  const { schema, cellSize } = stripingOf(recovering.ecPolicy!)
  const { dataUnits, parityUnits } = schema
  const calls = new ReplicaCalls(context, service, recovering.newGenStamp)
  const frozen = await freezeUnits(context, calls, recovering)
  const lengths = [...frozen.values()].map(({ length }) => length)
  if (lengths.length < dataUnits) {
    throw new Error(
      `recover block group ${block.blockId}: found ${lengths.length} internal blocks; it takes ${dataUnits}`,
    )
  }
  const newLength = safeLength(lengths, cellSize, dataUnits)
  const newTaragets: DatanodeIDProto[] = new Array<DatanodeIDProto>(dataUnits + parityUnits).fill(nobody)
  const newTargetStorages: string[] = new Array<string>(dataUnits + parityUnits).fill('')
  for (const [unit, participant] of frozen) {
    const unitBytes = internalBlockLength(newLength, cellSize, dataUnits, unit)
    if (participant.length < unitBytes) continue
    // One that fails here ends the recovery: what it holds now is not known.
    const unitBlock = { ...block, blockId: internalBlockId(block.blockId, unit) }
    newTargetStorages[unit] = await calls.update(unitBlock, participant, unitBytes, unitBlock.blockId)
    newTaragets[unit] = participant.node
  }
  const namenode = service.active?.link
  if (!namenode) throw new Error(`recover block group ${block.blockId}: found no active NameNode to tell`)
  await namenode.commitBlockSynchronization({
    block,
    newGenStamp: recovering.newGenStamp,
    newLength: BigInt(newLength),
    closeFile: true,
    deleteBlock: false,
    newTaragets,
    newTargetStorages,
  })
  context.logger.info({ blockId: block.blockId, newLength, units: frozen.size }, 'recovered a block group')
}

/** The frozen internal blocks by unit; of two of the same unit the longer one. */
async function freezeUnits(
  context: RecoveryContext,
  calls: ReplicaCalls,
  recovering: RecoveringBlockProto,
): Promise<Map<number, Participant>> {
  const { b: block, locs } = recovering.block
  const units = recovering.blockIndices ?? new Uint8Array()
  const { schema } = stripingOf(recovering.ecPolicy!)
  const frozen = new Map<number, Participant>()
  for (const [index, { id: node }] of locs.entries()) {
    const unit = units[index]
    if (unit === undefined || unit >= schema.dataUnits + schema.parityUnits) {
      throw new Error(
        `recover block group ${block.blockId}: found unit ${unit} for DataNode ${index + 1} of ${locs.length}`,
      )
    }
    const unitBlock = { ...block, blockId: internalBlockId(block.blockId, unit) }
    try {
      const asked = { newGenStamp: recovering.newGenStamp, block: { ...recovering.block, b: unitBlock } }
      const participant = await calls.freeze(asked, node)
      if (!participant || participant.generationStamp < block.generationStamp || participant.length === 0)
        continue
      if (participant.length > (frozen.get(unit)?.length ?? 0)) frozen.set(unit, participant)
    } catch (error) {
      if (ReplicaCalls.isInProgress(error)) throw error
      context.logger.warn(
        { node: node.ipAddr, unit, error: (error as Error).message },
        'could not freeze an internal block',
      )
    }
  }
  return frozen
}

/**
 * Bytes of the group that can be decoded for certain: whole stripes that at least `dataUnits` internal blocks hold; Java's
 * `StripedBlockUtil.getSafeLength`. Exported for its tests.
 */
export function safeLength(lengths: readonly number[], cellSize: number, dataUnits: number): number {
  const longestFirst = [...lengths].sort((a, b) => b - a)
  const stripes = Math.floor((longestFirst[dataUnits - 1] ?? 0) / cellSize)
  return stripes * cellSize * dataUnits
}
