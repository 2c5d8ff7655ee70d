/** Changes to the blocks of one file that edits and live calls share; INodeFile and BlockManager's part of it. */
import type { EditBlock } from '@cairn/hdfs-storage'
import { BlockInfo, type BlockUnderConstruction } from '../blocks/block-info.ts'
import type { INodeFile } from './inode.ts'
import type { Namespace } from './namespace.ts'
import { chargeChange } from './quota.ts'

/** What a block that is being written has, before any replica is known. */
export function newUnderConstruction(): BlockUnderConstruction {
  return {
    replicas: [],
    recoveryId: 0,
    primary: undefined,
    recoveryStartedMs: 0,
    truncateTo: undefined,
    triedPrimaries: new Set(),
  }
}

/** A block as the edit log and the image name it, in the given state. */
export function blockFromEdit(edit: EditBlock, file: INodeFile, underConstruction: boolean): BlockInfo {
  const block = new BlockInfo(
    Number(edit.blockId),
    edit.generationStamp,
    edit.numBytes,
    file.replication,
    underConstruction ? 'UNDER_CONSTRUCTION' : 'COMPLETE',
  )
  if (underConstruction) block.underConstruction = newUnderConstruction()
  return block
}

export function blockToEdit(block: BlockInfo): EditBlock {
  return {
    blockId: BigInt(block.id),
    numBytes: block.numBytes,
    generationStamp: block.generationStamp,
  }
}

/** The writer (or a recovery) settled length and stamp of a block; harmless when it already has them. */
export function commitBlock(
  namespace: Namespace,
  file: INodeFile,
  block: BlockInfo,
  numBytes: number,
  generationStamp: number,
): void {
  if (
    block.state === 'COMPLETE' &&
    block.numBytes === numBytes &&
    block.generationStamp === generationStamp
  ) {
    return
  }
  chargeChange(namespace, file, () => {
    block.numBytes = numBytes
    block.generationStamp = generationStamp
    if (block.state !== 'COMPLETE') block.state = 'COMMITTED'
  })
  if (block.state === 'COMMITTED') namespace.listener.committed(block)
}

/** The list with one more block, in an array without room to spare: a spread would leave room for sixteen more. */
export function withBlock(blocks: readonly BlockInfo[], block: BlockInfo): readonly BlockInfo[] {
  return blocks.length === 0 ? [block] : blocks.concat(block)
}

/** Adds a block that is about to be written. */
export function appendBlock(namespace: Namespace, file: INodeFile, edit: EditBlock): BlockInfo {
  const block = blockFromEdit(edit, file, true)
  chargeChange(namespace, file, () => namespace.setBlocks(file, withBlock(file.blocks, block)))
  return block
}

/** Takes the last `count` blocks away from the file; their replicas become garbage. */
export function dropLastBlocks(namespace: Namespace, file: INodeFile, count: number): void {
  const dropped = file.blocks.slice(file.blocks.length - count)
  chargeChange(namespace, file, () => {
    file.blocks = file.blocks.slice(0, file.blocks.length - count)
  })
  for (const block of dropped) namespace.removeBlock(block)
}

/** A complete last block is written to again (append, truncate). */
export function reopenBlock(
  namespace: Namespace,
  file: INodeFile,
  block: BlockInfo,
  state: 'UNDER_CONSTRUCTION' | 'UNDER_RECOVERY',
): BlockUnderConstruction {
  const construction = newUnderConstruction()
  construction.replicas = block.replicas.map((storage) => ({
    storage,
    generationStamp: block.generationStamp,
    state: 0,
  }))
  chargeChange(namespace, file, () => {
    block.state = state
    block.underConstruction = construction
  })
  namespace.listener.reopened(block)
  return construction
}
