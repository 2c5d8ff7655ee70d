/** What a client calls when a DataNode of its pipeline fails; FSNamesystem.bumpBlockGenerationStamp, updatePipeline. */
import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import { type BlockInfo, replicaState } from '../blocks/block-info.ts'
import { locatedBlock } from '../blocks/located-blocks.ts'
import { chooseTargets } from '../blocks/placement.ts'
import type { Core } from '../core.ts'
import { ioException, leaseExpired } from '../java-exceptions.ts'
import { blockToEdit } from '../namespace/file-blocks.ts'
import type { INodeFile } from '../namespace/inode.ts'
import type { Caller } from '../permissions/caller.ts'
import { blockName, type ClientBlock, nameOf, nodesNamed, storageOf } from './client-block.ts'
import { checkLease } from './leases.ts'
import { type Resolved, resolveFile } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

/** A new generation for a block whose pipeline broke. */
export function updateBlockForPipeline(
  core: Core,
  caller: Caller,
  clientName: string,
  named: ClientBlock,
): LocatedBlockProto {
  core.checkNotSafeMode(
    `Cannot get a new generation stamp and an access token for block ${nameOf(core, named)}`,
  )
  const { block } = writtenBlock(core, caller, clientName, named)
  const generationStamp = core.nextGenerationStamp()
  return locatedBlock(core.blocks, { id: block.id, generationStamp, numBytes: named.numBytes }, 0, [])
}

/** The pipeline goes on with these nodes under a new generation. */
export function updatePipeline(
  core: Core,
  caller: Caller,
  request: {
    readonly clientName: string
    readonly oldBlock: ClientBlock
    readonly newBlock: ClientBlock
    readonly nodes: readonly { readonly uuid: string; readonly storageId: string }[]
    readonly rpcIds: RpcIds
  },
): void {
  core.checkNotSafeMode(`Cannot update pipeline`)
  const { block, resolved, file } = writtenBlock(core, caller, request.clientName, request.oldBlock)
  const { newBlock } = request
  if (newBlock.generationStamp <= block.generationStamp || newBlock.numBytes < block.numBytes) {
    throw ioException(
      `Update ${blockName(block)} (size=${block.numBytes}) to an older state: blk_${newBlock.id}_${newBlock.generationStamp} (size=${newBlock.numBytes})`,
    )
  }
  const blocks = file.blocks.map(blockToEdit)
  blocks[blocks.length - 1] = {
    blockId: BigInt(block.id),
    numBytes: newBlock.numBytes,
    generationStamp: newBlock.generationStamp,
  }
  core.commit({ op: 'OP_UPDATE_BLOCKS', path: resolved.path, blocks, ...request.rpcIds })
  // What was finalized before an append is of the old generation wherever it still lies. A node that finished the block
  // under the new one may have said so before the client: it says it once.
  const finished = new Map(
    block.underConstruction?.replicas
      .filter((replica) => replica.state === replicaState.FINALIZED)
      .filter((replica) => replica.generationStamp === newBlock.generationStamp)
      .map((replica) => [replica.storage, replica]),
  )
  for (const storage of block.replicas) {
    if (!finished.has(storage)) core.blocks.removeReplica(storage, block)
  }
  if (block.underConstruction === undefined) return
  const storages = request.nodes.flatMap(({ uuid, storageId }) => storageOf(core, uuid, storageId) ?? [])
  block.underConstruction.replicas = storages.map(
    (storage) =>
      finished.get(storage) ?? {
        storage,
        generationStamp: newBlock.generationStamp,
        state: replicaState.RBW,
      },
  )
}

/** The block of an open file that this client writes; FSNamesystem.checkUCBlock. */
function writtenBlock(
  core: Core,
  caller: Caller,
  clientName: string,
  named: ClientBlock,
): { readonly block: BlockInfo; readonly file: INodeFile; readonly resolved: Resolved } {
  const block = core.namespace.blocks.get(named.id)
  if (block === undefined) throw ioException(`${nameOf(core, named)} does not exist.`)
  if (block.underConstruction === undefined || block.state === 'COMMITTED') {
    throw ioException(
      `Unexpected BlockUCState: ${nameOf(core, named)} is ${block.state} but not UNDER_CONSTRUCTION`,
    )
  }
  if (block.file?.underConstruction === undefined) {
    throw ioException(
      `The file ${nameOf(core, named)} belonged to does not exist or it is not under construction.`,
    )
  }
  const { file } = block
  // A DataNode that puts a pipeline together again for a writer of Hadoop 1 does not know its name [old.recover.3].
  const isWriters = clientName === '' ? caller.superuser : file.underConstruction?.clientName === clientName
  if (!isWriters) {
    throw leaseExpired(
      `Lease mismatch: ${nameOf(core, named)} is accessed by a non lease holder ${clientName}`,
    )
  }
  return { block, file, resolved: resolveFile(core, caller, '', file.id) }
}

/** One more DataNode for a pipeline that lost some. */
export function getAdditionalDatanode(
  core: Core,
  caller: Caller,
  request: {
    readonly src: string
    readonly clientName: string
    readonly clientMachine: string
    readonly fileId: number
    readonly block: ClientBlock
    readonly existing: readonly { readonly uuid: string; readonly storageId: string }[]
    readonly excluded: readonly string[]
    readonly count: number
  },
): LocatedBlockProto {
  core.checkNotSafeMode(`Cannot add datanode; src=${request.src}, blk=${nameOf(core, request.block)}`)
  const resolved = resolveFile(core, caller, request.src, request.fileId)
  const file = checkLease(core, resolved, request.clientName, request.fileId)
  const held = request.existing.flatMap(({ uuid, storageId }) => storageOf(core, uuid, storageId) ?? [])
  const excluded = nodesNamed(core, request.excluded)
  for (const storage of held) excluded.add(storage.datanode)
  const added = chooseTargets(
    core.datanodes.live(),
    {
      count: request.count,
      blockSize: file.preferredBlockSize,
      writer: request.clientMachine,
      excluded,
      favored: [],
      avoidLocal: false,
    },
    core.env,
    core.settings,
  )
  return locatedBlock(core.blocks, request.block, 0, [...held, ...added])
}
