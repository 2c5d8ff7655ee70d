/** What a client calls while it writes: addBlock, abandonBlock, complete, fsync; FSDirWriteFileOp. */
import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import { noRpcIds } from '@cairn/hdfs-storage'
import { type BlockInfo, replicaState } from '../blocks/block-info.ts'
import { locatedBlock } from '../blocks/located-blocks.ts'
import { chooseTargets } from '../blocks/placement.ts'
import type { Core } from '../core.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'
import { ioException, notReplicatedYet } from '../java-exceptions.ts'
import { blockToEdit, commitBlock } from '../namespace/file-blocks.ts'
import type { INodeFile } from '../namespace/inode.ts'
import type { Caller } from '../permissions/caller.ts'
import { blockName, type ClientBlock, nameOf, nodesNamed } from './client-block.ts'
import { closeFile } from './close-file.ts'
import { checkLease } from './leases.ts'
import { checkQuota } from './names.ts'
import { resolveFile } from './resolve.ts'

export interface AddBlockRequest {
  readonly src: string
  readonly clientName: string
  readonly clientMachine: string
  readonly fileId: number
  /** The block written last, with its final length; undefined for a file's first block, and where `tellsPrevious` is false. */
  readonly previous: ClientBlock | undefined
  /** Whether the writer would name the block before this one. */
  readonly tellsPrevious: boolean
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
  // Nobody but the DataNodes says how long the last block became [old.length.3].
  const untold = !request.tellsPrevious && file.lastBlock?.complete === false
  if (untold && !commitAsReported(core, file)) throw notReplicatedYet(path)
  const again = untold ? undefined : retriedBlock(core, file, path, request.previous)
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
  if (last === undefined || last.complete) return
  if (last.state === 'UNDER_RECOVERY') {
    throw ioException(`Commit or complete block ${blockName(named)}, whereas it is under recovery.`)
  }
  if (last.state === 'COMMITTED') {
    core.blocks.completeWhenReplicated(last)
    return
  }
  if (named.generationStamp !== last.generationStamp) {
    throw ioException(
      `Commit block with mismatching GS. NN has ${blockName(last)}, client submits ${blockName(named)}`,
    )
  }
  if (named.id !== last.id) {
    throw ioException(`Trying to commit inconsistent block: id = ${named.id}, expected id = ${last.id}`)
  }
  if (named.numBytes < last.numBytes) {
    throw ioException(
      `Commit block with mismatching length: BLOCK ${blockName(last)} is ${last.numBytes} bytes long, found ${named.numBytes}`,
    )
  }
  commitBlock(core.namespace, file, last, named.numBytes, named.generationStamp)
}

/**
 * The writer is done with the last block and leaves it to the DataNodes to tell how long it became. False while none of
 * them has finished it [old.length.1] [old.length.2].
 */
function commitAsReported(core: Core, file: INodeFile): boolean {
  const last = file.lastBlock
  if (last === undefined || last.state !== 'UNDER_CONSTRUCTION') return last?.state !== 'UNDER_RECOVERY'
  const finished = (last.underConstruction?.replicas ?? []).filter(
    ({ generationStamp, reportedBytes }) =>
      generationStamp === last.generationStamp && reportedBytes !== undefined,
  )
  if (finished.length === 0) return false
  const numBytes = Math.max(...finished.map(({ reportedBytes }) => reportedBytes!))
  commitBlock(core.namespace, file, last, numBytes, last.generationStamp)
  for (const { storage, generationStamp, reportedBytes } of finished) {
    if (reportedBytes === numBytes) continue
    core.blocks.markCorrupt(storage, last, { generationStamp, numBytes: reportedBytes! }, 'SIZE_MISMATCH')
  }
  return true
}

export interface CompleteRequest {
  readonly src: string
  readonly clientName: string
  readonly fileId: number
  /** The block written last, with its final length; undefined: there is none, or its DataNodes tell. */
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
  if (request.last !== undefined) commitLastBlock(core, file, request.last)
  else commitAsReported(core, file)
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
