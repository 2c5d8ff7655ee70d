/** Blocks with the DataNodes that have them, as clients get them; LocatedBlockProto, LocatedBlocksProto. */
import type {
  DatanodeInfoProto,
  ExtendedBlockProto,
  LocatedBlockProto,
  LocatedBlocksProto,
  TokenProto,
} from '@cairn/hadoop-proto'
import { datanodeInfo } from '../datanodes/datanode-info.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import type { INodeFile } from '../namespace/inode.ts'
import type { BlockInfo } from './block-info.ts'
import type { BlockManager } from './block-manager.ts'
import { shuffle } from './placement.ts'

const noBytes = new Uint8Array(0)
/** Without security a token is there and empty. */
const emptyToken: TokenProto = { identifier: noBytes, password: noBytes, kind: '', service: '' }

export function extendedBlock(
  manager: BlockManager,
  block: { readonly id: number; readonly generationStamp: number; readonly numBytes: number },
): ExtendedBlockProto {
  return {
    poolId: manager.namespace.identity.blockPoolId,
    blockId: BigInt(block.id),
    generationStamp: BigInt(block.generationStamp),
    numBytes: BigInt(block.numBytes),
  }
}

/** One block at these places, in this order. */
export function locatedBlock(
  manager: BlockManager,
  block: { readonly id: number; readonly generationStamp: number; readonly numBytes: number },
  offset: number,
  storages: readonly DatanodeStorage[],
  corrupt = false,
): LocatedBlockProto {
  const locs: DatanodeInfoProto[] = []
  const isCached: boolean[] = []
  const storageTypes: number[] = []
  const storageIDs: string[] = []
  for (const storage of storages) {
    locs.push(datanodeInfo(storage.datanode))
    isCached.push(false)
    storageTypes.push(storage.type)
    storageIDs.push(storage.storageId)
  }
  return {
    b: extendedBlock(manager, block),
    offset: BigInt(offset),
    locs,
    corrupt,
    blockToken: emptyToken,
    isCached,
    storageTypes,
    storageIDs,
    blockTokens: [],
  }
}

/** One stored block for a reader at `reader`: good replicas, nearest first; all of them when none is good. */
export function locateBlock(
  manager: BlockManager,
  block: BlockInfo,
  offset: number,
  reader: string,
): LocatedBlockProto {
  const construction = block.underConstruction
  if (construction !== undefined) {
    const storages = construction.replicas.map((replica) => replica.storage)
    return locatedBlock(manager, block, offset, storages)
  }
  const bad = manager.corrupt.get(block)
  let storages = block.replicas
  let corrupt = false
  if (bad !== undefined) {
    const good = storages.filter((storage) => !bad.has(storage.datanode))
    corrupt = good.length === 0
    if (!corrupt) storages = good
  }
  if (storages.length > 1) storages = nearestFirst(manager, storages, reader)
  return locatedBlock(manager, block, offset, storages, corrupt)
}

/** The reader's own machine, then the others, then those not heard of for a while; equals in random order. */
function nearestFirst(
  manager: BlockManager,
  storages: readonly DatanodeStorage[],
  reader: string,
): DatanodeStorage[] {
  const sorted = [...storages]
  shuffle(sorted, manager.env)
  const distance = ({ datanode }: DatanodeStorage): number =>
    manager.datanodes.isStale(datanode) ? 2 : datanode.address.ipAddr === reader ? 0 : 1
  return sorted.sort((a, b) => distance(a) - distance(b))
}

/**
 * The blocks of a file from `offset` on until `length` bytes are covered; BlockManager.createLocatedBlocks. At least one
 * block, unless `offset` is at or behind the end. Blocks that are being written count with the length known here.
 */
export function locateBlocks(
  manager: BlockManager,
  file: INodeFile,
  offset: number,
  length: number,
  reader: string,
): LocatedBlocksProto {
  const { blocks } = file
  const last = blocks[blocks.length - 1]
  const lastComplete = last === undefined || last.underConstruction === undefined
  const answer: LocatedBlocksProto = {
    fileLength: BigInt(lastComplete ? file.length : file.length - last.numBytes),
    blocks: locateRange(manager, blocks, offset, length, reader),
    underConstruction: file.underConstruction !== undefined,
    isLastBlockComplete: lastComplete,
  }
  if (last !== undefined) answer.lastBlock = locateBlock(manager, last, file.length - last.numBytes, reader)
  return answer
}

function locateRange(
  manager: BlockManager,
  blocks: readonly BlockInfo[],
  offset: number,
  length: number,
  reader: string,
): LocatedBlockProto[] {
  const located: LocatedBlockProto[] = []
  let index = 0
  let start = 0
  // A first block without bytes is given whatever the offset: its writer has not told how far it is.
  const skipping = blocks[0]?.numBytes !== 0
  while (skipping && index < blocks.length && start + blocks[index]!.numBytes <= offset) {
    start += blocks[index++]!.numBytes
  }
  for (; index < blocks.length; index++) {
    if (located.length > 0 && start >= offset + length) break
    const block = blocks[index]!
    located.push(locateBlock(manager, block, start, reader))
    start += block.numBytes
  }
  return located
}
