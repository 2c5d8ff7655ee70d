/** The end of a block recovery, as its primary DataNode reports it; FSNamesystem.commitBlockSynchronization. */
import { noRpcIds } from '@cairn/hdfs-storage'
import type { Core } from '../core.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import { fileNotFound, ioException } from '../java-exceptions.ts'
import { blockToEdit, commitBlock } from '../namespace/file-blocks.ts'
import { pathOf } from '../namespace/path.ts'
import { storageOf } from './client-block.ts'
import { closeFile } from './close-file.ts'

export interface BlockSynchronization {
  readonly blockId: number
  readonly generationStamp: number
  readonly newGenerationStamp: number
  readonly newLength: number
  readonly closeFile: boolean
  readonly deleteBlock: boolean
  readonly targets: readonly { readonly uuid: string; readonly storageId: string }[]
}

/** Sets the recovered block's length and stamp, and closes the file. */
export function commitBlockSynchronization(core: Core, result: BlockSynchronization): void {
  core.checkNotSafeMode('Cannot commitBlockSynchronization while in safe mode')
  const name = `${core.namespace.identity.blockPoolId}:blk_${result.blockId}_${result.generationStamp}`
  const block = core.namespace.blocks.get(result.blockId)
  if (block === undefined) {
    // The block may be gone because the file was deleted or another recovery ended: then nothing is left to do.
    if (result.deleteBlock) return
    throw ioException(`Block (=${name}) not found`)
  }
  const file = block.file
  if (file === undefined) throw fileNotFound(`File does not exist: block ${name}`)
  if (file.underConstruction === undefined || file.lastBlock?.complete) return
  const construction = block.underConstruction
  if (construction === undefined || block.state !== 'UNDER_RECOVERY') {
    throw ioException(`Unexpected block (=${name}) since the file (=${file.name}) is not under construction`)
  }
  if (construction.recoveryId !== result.newGenerationStamp) {
    throw ioException(
      `The recovery id ${result.newGenerationStamp} does not match current recovery id ${construction.recoveryId} for block ${name}`,
    )
  }
  const path = pathOf(file)
  if (result.deleteBlock) {
    const blocks = file.blocks.slice(0, -1).map(blockToEdit)
    core.commit({ op: 'OP_UPDATE_BLOCKS', path, blocks, ...noRpcIds })
  } else {
    const storages = result.targets.flatMap(({ uuid, storageId }) => storageOf(core, uuid, storageId) ?? [])
    settle(core, block, storages, result)
    commitBlock(core.namespace, file, block, result.newLength, result.newGenerationStamp)
  }
  if (result.closeFile) {
    closeFile(core, file, path)
    return
  }
  core.commit({ op: 'OP_UPDATE_BLOCKS', path, blocks: file.blocks.map(blockToEdit), ...noRpcIds })
}

/** The recovered replicas are the block's replicas, and no others. */
function settle(
  core: Core,
  block: { readonly id: number },
  storages: readonly DatanodeStorage[],
  result: BlockSynchronization,
): void {
  const info = core.namespace.blocks.get(block.id)
  if (info?.underConstruction === undefined) return
  for (const held of info.replicas) if (!storages.includes(held)) core.blocks.removeReplica(held, info)
  info.underConstruction.replicas = storages.map((storage) => ({
    storage,
    generationStamp: result.newGenerationStamp,
    state: 0,
  }))
  info.generationStamp = result.newGenerationStamp
  info.numBytes = result.newLength
  for (const storage of storages) core.blocks.addReplica(storage, info)
}
