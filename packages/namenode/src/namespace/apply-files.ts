/** Operations on one file: open, blocks, close, append, truncate, lease. */
import type { EditBlock, EditOp, EditOpOf } from '@cairn/hdfs-storage'
import { storeAcl } from './acl.ts'
import { aclFromEdit, addChild, deleteSubtree, featuresFromEdit } from './apply-tree.ts'
import { EditMismatchError } from './edit-mismatch.ts'
import {
  appendBlock,
  blockFromEdit,
  commitBlock,
  dropLastBlocks,
  reopenBlock,
  withBlock,
} from './file-blocks.ts'
import { INodeFile } from './inode.ts'
import type { Namespace } from './namespace.ts'
import { lookup } from './path.ts'
import { chargeChange } from './quota.ts'

/** Returns whether the operation was one of this family. */
export function applyFile(namespace: Namespace, op: EditOp, nowMs: number): boolean {
  switch (op.op) {
    case 'OP_ADD':
      add(namespace, op, nowMs)
      return true
    case 'OP_ADD_BLOCK':
      addBlock(namespace, op)
      return true
    case 'OP_UPDATE_BLOCKS':
      updateBlocks(namespace, fileAt(namespace, op.path, op.op), op.blocks, false)
      return true
    case 'OP_CLOSE':
      close(namespace, op)
      return true
    case 'OP_APPEND':
      append(namespace, op, nowMs)
      return true
    case 'OP_TRUNCATE':
      truncate(namespace, op, nowMs)
      return true
    case 'OP_REASSIGN_LEASE': {
      const file = fileAt(namespace, op.path, op.op)
      openForWriting(namespace, file, op.newHolder, file.underConstruction?.clientMachine ?? '', nowMs)
      return true
    }
    case 'OP_SET_REPLICATION': {
      const file = fileAt(namespace, op.path, op.op)
      const from = file.replication
      chargeChange(namespace, file, () => {
        file.replication = op.replication
      })
      for (const block of file.blocks) {
        block.replication = op.replication
        namespace.listener.replicationChanged(block, from)
      }
      return true
    }
    default:
      return false
  }
}

function fileAt(namespace: Namespace, path: string, operation: string): INodeFile {
  const inode = lookup(namespace, path)
  if (inode?.kind !== 'file') throw new EditMismatchError(operation, `no file at ${path}`)
  return inode
}

/** Marks a file as written by `holder`, whoever wrote it before. */
function openForWriting(
  namespace: Namespace,
  file: INodeFile,
  holder: string,
  clientMachine: string,
  nowMs: number,
): void {
  if (file.underConstruction !== undefined) namespace.leases.remove(file.underConstruction.clientName, file)
  file.underConstruction = { clientName: holder, clientMachine: namespace.intern(clientMachine) }
  namespace.leases.add(holder, file, nowMs)
}

function add(namespace: Namespace, op: EditOpOf<'OP_ADD'>, nowMs: number): void {
  const existing = lookup(namespace, op.path)
  if (existing?.kind === 'file' && !op.overwrite) {
    openForWriting(namespace, existing, op.clientName, op.clientMachine, nowMs)
    updateBlocks(namespace, existing, op.blocks, false)
    return
  }
  if (existing !== undefined) deleteSubtree(namespace, existing)
  const file = new INodeFile(
    op.inodeId,
    '',
    {
      owner: namespace.intern(op.permissions.username),
      group: namespace.intern(op.permissions.groupname),
      mode: op.permissions.mode,
      modificationTime: op.mtime,
      accessTime: op.atime,
    },
    op.replication,
    op.blockSize,
  )
  file.features = featuresFromEdit(op.xAttrs, op.storagePolicyId)
  if (op.aclEntries.length > 0) storeAcl(file, op.aclEntries.map(aclFromEdit))
  addChild(namespace, op.path, file, op.op)
  openForWriting(namespace, file, op.clientName, op.clientMachine, nowMs)
  if (op.blocks.length > 0) updateBlocks(namespace, file, op.blocks, false)
}

function addBlock(namespace: Namespace, op: EditOpOf<'OP_ADD_BLOCK'>): void {
  const file = fileAt(namespace, op.path, op.op)
  const added = op.blocks[op.blocks.length - 1]
  if (added === undefined) throw new EditMismatchError(op.op, `no block for ${op.path}`)
  const before = op.blocks.length > 1 ? op.blocks[0] : undefined
  const last = file.lastBlock
  if (before !== undefined) {
    if (last === undefined || last.id !== Number(before.blockId)) {
      throw new EditMismatchError(op.op, `block ${before.blockId} is not the last one of ${op.path}`)
    }
    commitBlock(namespace, file, last, before.numBytes, before.generationStamp)
  }
  appendBlock(namespace, file, added)
}

/** Makes the file's blocks those given: FSEditLogLoader.updateBlocks. */
function updateBlocks(
  namespace: Namespace,
  file: INodeFile,
  edits: readonly EditBlock[],
  settleLast: boolean,
): void {
  if (edits.length < file.blocks.length) dropLastBlocks(namespace, file, file.blocks.length - edits.length)
  edits.forEach((edit, index) => {
    const block = file.blocks[index]
    const settled = settleLast || index < edits.length - 1
    if (block === undefined) {
      const added = blockFromEdit(edit, file, !settled)
      chargeChange(namespace, file, () => namespace.setBlocks(file, withBlock(file.blocks, added)))
    } else if (block.id !== Number(edit.blockId)) {
      replaceBlock(namespace, file, index, edit, !settled)
    } else if (settled) {
      commitBlock(namespace, file, block, edit.numBytes, edit.generationStamp)
    } else {
      chargeChange(namespace, file, () => {
        block.numBytes = edit.numBytes
        block.generationStamp = edit.generationStamp
      })
      namespace.listener.reopened(block)
    }
  })
}

/** A truncation made a copy of the block under a new id. */
function replaceBlock(
  namespace: Namespace,
  file: INodeFile,
  index: number,
  edit: EditBlock,
  underConstruction: boolean,
): void {
  const old = file.blocks[index]!
  const blocks = [...file.blocks]
  blocks[index] = blockFromEdit(edit, file, underConstruction)
  namespace.setBlocks(file, blocks)
  namespace.removeBlock(old)
}

function close(namespace: Namespace, op: EditOpOf<'OP_CLOSE'>): void {
  const file = fileAt(namespace, op.path, op.op)
  updateBlocks(namespace, file, op.blocks, true)
  file.modificationTime = op.mtime
  file.accessTime = op.atime
  if (file.underConstruction === undefined) return
  namespace.leases.remove(file.underConstruction.clientName, file)
  file.underConstruction = undefined
}

function append(namespace: Namespace, op: EditOpOf<'OP_APPEND'>, nowMs: number): void {
  const file = fileAt(namespace, op.path, op.op)
  openForWriting(namespace, file, op.clientName, op.clientMachine, nowMs)
  const last = file.lastBlock
  if (op.newBlock || last === undefined || last.numBytes >= file.preferredBlockSize) return
  if (last.state === 'COMPLETE') reopenBlock(namespace, file, last, 'UNDER_CONSTRUCTION')
}

function truncate(namespace: Namespace, op: EditOpOf<'OP_TRUNCATE'>, nowMs: number): void {
  const file = fileAt(namespace, op.src, op.op)
  let kept = 0
  let length = 0
  while (kept < file.blocks.length && length < op.newLength) length += file.blocks[kept++]!.numBytes
  dropLastBlocks(namespace, file, file.blocks.length - kept)
  file.modificationTime = op.timestamp
  const cut = file.lastBlock
  const edit = op.blocks[0]
  if (edit === undefined || cut === undefined || length === op.newLength) return
  openForWriting(namespace, file, op.clientName, op.clientMachine, nowMs)
  const construction = reopenBlock(namespace, file, cut, 'UNDER_RECOVERY')
  construction.truncateTo = {
    id: Number(edit.blockId),
    generationStamp: edit.generationStamp,
    numBytes: cut.numBytes - (length - op.newLength),
  }
  construction.recoveryId = edit.generationStamp
}
