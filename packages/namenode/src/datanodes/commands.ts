/** What a DataNode is told in answers to its heartbeats; DatanodeCommandProto. */
import {
  BlockCommandProto_Action,
  type DatanodeCommandProto,
  DatanodeCommandProto_Type,
  type RecoveringBlockProto,
} from '@cairn/hadoop-proto'
import type { BlockInfo } from '../blocks/block-info.ts'
import { locatedBlock } from '../blocks/located-blocks.ts'
import type { Core } from '../core.ts'
import type { Datanode } from './datanode.ts'
import { datanodeInfo } from './datanode-info.ts'

/** Takes the next orders for a DataNode from its queues. */
export function takeCommands(core: Core, datanode: Datanode): DatanodeCommandProto[] {
  const commands: DatanodeCommandProto[] = []
  const recoveries = datanode.toRecover.splice(0).flatMap((block) => recovering(core, block) ?? [])
  if (recoveries.length > 0) {
    commands.push({
      cmdType: DatanodeCommandProto_Type.BlockRecoveryCommand,
      recoveryCmd: { blocks: recoveries },
    })
  }
  const transfers = takeTransfers(core, datanode)
  if (transfers !== undefined) commands.push(transfers)
  // While replicas are still being reported, what looks like garbage may belong to a file.
  const deletions = core.blocks.safeMode.startingUp ? undefined : takeDeletions(core, datanode)
  if (deletions !== undefined) commands.push(deletions)
  return commands
}

function recovering(core: Core, block: BlockInfo): RecoveringBlockProto | undefined {
  const construction = block.underConstruction
  if (construction === undefined || block.file === undefined) return undefined
  const alive = construction.replicas.filter((replica) => replica.storage.datanode.alive)
  const recent = alive.filter((replica) => !core.datanodes.isStale(replica.storage.datanode))
  const storages = (recent.length > 1 ? recent : alive).map((replica) => replica.storage)
  const recovery: RecoveringBlockProto = {
    newGenStamp: BigInt(construction.recoveryId),
    block: locatedBlock(core.blocks, block, 0, storages),
  }
  const { truncateTo } = construction
  if (truncateTo !== undefined) {
    recovery.truncateBlock = {
      blockId: BigInt(truncateTo.id),
      genStamp: BigInt(truncateTo.generationStamp),
      numBytes: BigInt(truncateTo.numBytes),
    }
  }
  return recovery
}

function takeTransfers(core: Core, datanode: Datanode): DatanodeCommandProto | undefined {
  const work = datanode.toTransfer.splice(0).filter(({ block }) => block.file !== undefined && block.complete)
  if (work.length === 0) return undefined
  return {
    cmdType: DatanodeCommandProto_Type.BlockCommand,
    blkCmd: {
      action: BlockCommandProto_Action.TRANSFER,
      blockPoolId: core.namespace.identity.blockPoolId,
      blocks: work.map(({ block }) => ({
        blockId: BigInt(block.id),
        genStamp: BigInt(block.generationStamp),
        numBytes: BigInt(block.numBytes),
      })),
      targets: work.map(({ targets }) => ({
        datanodes: targets.map((target) => datanodeInfo(target.datanode)),
      })),
      targetStorageUuids: work.map(({ targets }) => ({
        storageUuids: targets.map((target) => target.storageId),
      })),
      targetStorageTypes: work.map(({ targets }) => ({ storageTypes: targets.map((target) => target.type) })),
    },
  }
}

function takeDeletions(core: Core, datanode: Datanode): DatanodeCommandProto | undefined {
  const { toDelete } = datanode
  if (toDelete.size === 0) return undefined
  const blocks: { blockId: bigint; genStamp: bigint; numBytes: bigint }[] = []
  for (const replica of toDelete.values()) {
    if (blocks.length >= core.settings.invalidateMax) break
    toDelete.delete(replica.id)
    blocks.push({
      blockId: BigInt(replica.id),
      genStamp: BigInt(replica.generationStamp),
      numBytes: BigInt(replica.numBytes),
    })
  }
  return {
    cmdType: DatanodeCommandProto_Type.BlockCommand,
    blkCmd: {
      action: BlockCommandProto_Action.INVALIDATE,
      blockPoolId: core.namespace.identity.blockPoolId,
      blocks,
      targets: [],
      targetStorageUuids: [],
      targetStorageTypes: [],
    },
  }
}
