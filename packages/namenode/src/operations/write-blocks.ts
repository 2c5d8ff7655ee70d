/** What a client calls while it writes: addBlock, abandonBlock, complete, fsync, pipelines; FSDirWriteFileOp. */
import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import { noRpcIds } from '@cairn/hdfs-storage'
import { type BlockInfo, replicaState } from '../blocks/block-info.ts'
import { locatedBlock } from '../blocks/located-blocks.ts'
import { chooseTargets } from '../blocks/placement.ts'
import type { Core } from '../core.ts'
import type { Datanode } from '../datanodes/datanode.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import { ioException, leaseExpired, notReplicatedYet } from '../java-exceptions.ts'
import { blockToEdit, commitBlock } from '../namespace/file-blocks.ts'
import type { INodeFile } from '../namespace/inode.ts'
import type { Caller } from '../permissions/caller.ts'
import { closeFile } from './close-file.ts'
import { checkLease } from './leases.ts'
import { checkQuota } from './names.ts'
import { type Resolved, resolveFile } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

/** A block as a client names it. */
export interface ClientBlock {
  readonly id: number
  readonly generationStamp: number
  readonly numBytes: number
}

export interface AddBlockRequest {
  readonly src: string
  readonly clientName: string
  readonly clientMachine: string
  readonly fileId: number
  /** The block written last, with its final length; undefined for a file's first block. */
  readonly previous: ClientBlock | undefined
  readonly excluded: readonly string[]
  readonly favored: readonly string[]
  readonly avoidLocal: boolean
}

/** Commits the previous block and gives out the next one. Asked again with the same `previous`, it answers alike. */
export function addBlock(core: Core, caller: Caller, request: AddBlockRequest): LocatedBlockProto {
  core.checkNotSafeMode(`Cannot add block to ${request.src}`)
  const resolved = resolveFile(core, caller, request.src, request.fileId)
  const file = checkLease(core, resolved, request.clientName, request.fileId)
  const { path } = resolved
  const again = retriedBlock(core, file, path, request.previous)
  if (again !== undefined && again.underConstruction !== undefined) {
    const storages = again.underConstruction.replicas.map((replica) => replica.storage)
    if (storages.length > 0) return locatedBlock(core.blocks, again, file.length - again.numBytes, storages)
  }
  const penultimate = file.blocks[file.blocks.length - (again === undefined ? 2 : 3)]
  if (penultimate !== undefined && !penultimate.complete) throw notReplicatedYet(path)
  if (again === undefined && file.blocks.length >= core.settings.blocksPerFileMax) {
    throw ioException(
      `File has reached the limit on maximum number of blocks (dfs.namenode.fs-limits.max-blocks-per-file): ${file.blocks.length} >= ${core.settings.blocksPerFileMax}`,
    )
  }
  checkQuota(core, file.parent, 0, file.preferredBlockSize * file.replication)
  const targets = newBlockTargets(core, file, path, request)
  if (again !== undefined) return redirect(core, file, again, targets)
  return appendNewBlock(core, file, path, request.previous, targets)
}

/**
 * The block that an earlier call with the same `previous` already made; throws when `previous` fits neither the last
 * block nor the one before.
 */
function retriedBlock(
  core: Core,
  file: INodeFile,
  path: string,
  previous: ClientBlock | undefined,
): BlockInfo | undefined {
  const last = file.lastBlock
  if (matches(last, previous)) {
    return undefined
  }
  const penultimate = file.blocks[file.blocks.length - 2]
  if (previous === undefined && penultimate === undefined && last?.numBytes === 0) return last
  if (previous === undefined && last !== undefined && last.complete) {
    // After an append whose last block was full, the client knows of no previous block.
    return undefined
  }
  if (last !== undefined && !last.complete && matches(penultimate, previous)) {
    if (last.numBytes !== 0) {
      throw ioException(
        `Request looked like a retry to allocate block blk_${last.id}_${last.generationStamp} but it already contains ${last.numBytes} bytes`,
      )
    }
    return last
  }
  throw ioException(
    `Cannot allocate block in ${path}: passed 'previous' block ${nameOf(core, previous)} does not match actual last block in file ${blockName(last)}`,
  )
}

function matches(block: BlockInfo | undefined, named: ClientBlock | undefined): boolean {
  return block?.id === named?.id && (named === undefined || block?.generationStamp === named.generationStamp)
}

function nameOf(core: Core, block: ClientBlock | undefined): string {
  if (block === undefined) return 'null'
  return `${core.namespace.identity.blockPoolId}:blk_${block.id}_${block.generationStamp}`
}

function blockName(block: BlockInfo | undefined): string {
  return block === undefined ? 'null' : `blk_${block.id}_${block.generationStamp}`
}

function newBlockTargets(
  core: Core,
  file: INodeFile,
  path: string,
  request: AddBlockRequest,
): DatanodeStorage[] {
  const excluded = nodesNamed(core, request.excluded)
  const targets = chooseTargets(
    core.datanodes.live(),
    {
      count: file.replication,
      blockSize: file.preferredBlockSize,
      writer: request.clientMachine,
      excluded,
      favored: request.favored.flatMap((address) => core.datanodes.byTransferAddress(address) ?? []),
      avoidLocal: request.avoidLocal,
    },
    core.env,
    core.settings,
  )
  if (targets.length < core.settings.replicationMin) {
    throw ioException(
      `File ${path} could only be written to ${targets.length} of the ${core.settings.replicationMin} minReplication nodes. There are ${core.datanodes.liveCount} datanode(s) running and ${excluded.size} node(s) are excluded in this operation.`,
    )
  }
  return targets
}

/** DataNodes by uuid, those that are known. */
export function nodesNamed(core: Core, uuids: readonly string[]): Set<Datanode> {
  return new Set(uuids.flatMap((uuid) => core.datanodes.get(uuid) ?? []))
}

function appendNewBlock(
  core: Core,
  file: INodeFile,
  path: string,
  previous: ClientBlock | undefined,
  targets: readonly DatanodeStorage[],
): LocatedBlockProto {
  if (previous !== undefined) commitLastBlock(core, file, previous)
  const offset = file.length
  const blockId = BigInt(core.nextBlockId())
  const generationStamp = core.nextGenerationStamp()
  const added = { blockId, numBytes: 0, generationStamp }
  const before = file.lastBlock
  const blocks = before === undefined ? [added] : [blockToEdit(before), added]
  core.commit({ op: 'OP_ADD_BLOCK', path, blocks, ...noRpcIds })
  const block = file.lastBlock
  if (block === undefined || previous?.id === block.id) throw ioException(`No block was added to ${path}`)
  return redirect(core, file, block, targets, offset)
}

/** The block is to be written to these storages. */
function redirect(
  core: Core,
  file: INodeFile,
  block: BlockInfo,
  targets: readonly DatanodeStorage[],
  offset = file.length - block.numBytes,
): LocatedBlockProto {
  if (block.underConstruction !== undefined) {
    block.underConstruction.replicas = targets.map((storage) => ({
      storage,
      generationStamp: block.generationStamp,
      state: replicaState.RBW,
    }))
  }
  return locatedBlock(core.blocks, block, offset, targets)
}

/** The writer is done with the last block. Not journaled: the next block or the close tells it. */
function commitLastBlock(core: Core, file: INodeFile, named: ClientBlock): void {
  const last = file.lastBlock
  if (last === undefined || last.id !== named.id || last.complete) return
  if (named.numBytes < last.numBytes && last.state !== 'COMMITTED') {
    throw ioException(
      `Commit block with mismatching length: BLOCK ${blockName(last)} is ${last.numBytes} bytes long, found ${named.numBytes}`,
    )
  }
  if (last.state === 'COMMITTED') core.blocks.completeWhenReplicated(last)
  else commitBlock(core.namespace, file, last, named.numBytes, named.generationStamp)
}

export interface CompleteRequest {
  readonly src: string
  readonly clientName: string
  readonly fileId: number
  readonly last: ClientBlock | undefined
}

/** Closes a file; false while its blocks have too few replicas (the client asks again). */
export function complete(core: Core, caller: Caller, request: CompleteRequest): boolean {
  core.checkNotSafeMode(`Cannot complete file ${request.src}`)
  const resolved = resolveFile(core, caller, request.src, request.fileId)
  const { inode, path } = resolved
  if (inode?.kind === 'file' && inode.underConstruction === undefined && alreadyClosed(inode, request)) {
    return true
  }
  const file = checkLease(core, resolved, request.clientName, request.fileId)
  if (request.last !== undefined) {
    if (file.lastBlock !== undefined && file.lastBlock.id !== request.last.id) {
      throw ioException(
        `Trying to commit inconsistent block: id = ${request.last.id}, expected id = ${file.lastBlock.id}`,
      )
    }
    commitLastBlock(core, file, request.last)
  }
  for (const block of file.blocks) {
    if (block.state === 'COMMITTED') core.blocks.completeWhenReplicated(block)
    if (!block.complete) return false
  }
  closeFile(core, file, path)
  return true
}

/** A `complete` that was answered and is asked again. */
function alreadyClosed(file: INodeFile, request: CompleteRequest): boolean {
  const last = file.lastBlock
  if (last === undefined) return request.last === undefined
  return request.last?.id === last.id && request.last.generationStamp === last.generationStamp
}

/** Gives the last block back that could not be written. */
export function abandonBlock(
  core: Core,
  caller: Caller,
  request: {
    readonly src: string
    readonly holder: string
    readonly fileId: number
    readonly block: ClientBlock
  },
): void {
  core.checkNotSafeMode(`Cannot abandon block ${nameOf(core, request.block)} for file${request.src}`)
  const resolved = resolveFile(core, caller, request.src, request.fileId)
  const file = checkLease(core, resolved, request.holder, request.fileId)
  const last = file.lastBlock
  // Asked again, it is gone already.
  if (last === undefined || last.id !== request.block.id || last.complete) return
  core.commit({
    op: 'OP_UPDATE_BLOCKS',
    path: resolved.path,
    blocks: file.blocks.slice(0, -1).map(blockToEdit),
    ...noRpcIds,
  })
}

/** Makes the file durable as it is, and visible up to `lastBlockLength`. */
export function fsync(
  core: Core,
  caller: Caller,
  request: {
    readonly src: string
    readonly clientName: string
    readonly fileId: number
    /** −1 = not told. */
    readonly lastBlockLength: number
  },
): void {
  core.checkNotSafeMode(`Cannot fsync file ${request.src}`)
  const resolved = resolveFile(core, caller, request.src, request.fileId)
  const file = checkLease(core, resolved, request.clientName, request.fileId)
  const last = file.lastBlock
  const blocks = file.blocks.map(blockToEdit)
  const edit = blocks[blocks.length - 1]
  if (last !== undefined && edit !== undefined && request.lastBlockLength > 0 && !last.complete) {
    edit.numBytes = request.lastBlockLength
  }
  core.commit({ op: 'OP_UPDATE_BLOCKS', path: resolved.path, blocks, ...noRpcIds })
}

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
  if (block.underConstruction === undefined) return
  const storages = request.nodes.flatMap(({ uuid, storageId }) => storageOf(core, uuid, storageId) ?? [])
  block.underConstruction.replicas = storages.map((storage) => ({
    storage,
    generationStamp: newBlock.generationStamp,
    state: replicaState.RBW,
  }))
}

/** A storage by the ids that clients and DataNodes use; Java's clients may leave the storage out. */
export function storageOf(core: Core, uuid: string, storageId: string): DatanodeStorage | undefined {
  const datanode = core.datanodes.get(uuid)
  return datanode?.storages.get(storageId) ?? datanode?.storages.values().next().value
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
  if (file.underConstruction?.clientName !== clientName) {
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
