/** Operations that change the shape of the tree: mkdir, delete, rename, concat, symlink. */
import type { EditAclEntry, EditOp, EditOpOf, EditXAttr } from '@cairn/hdfs-storage'
import { storeAcl } from './acl.ts'
import { EditMismatchError } from './edit-mismatch.ts'
import {
  type AclEntry,
  type INode,
  INodeDirectory,
  type INodeFeatures,
  type INodeFile,
  INodeSymlink,
  noBlocks,
  type XAttr,
} from './inode.ts'
import type { Namespace } from './namespace.ts'
import { isAncestor, lookup, splitPath } from './path.ts'
import { charge, storageSpaceOf, usageOf } from './quota.ts'

/** `Options.Rename.OVERWRITE` by its code in the edit log. */
const overwriteOption = 1

/** Returns whether the operation was one of this family. */
export function applyTree(namespace: Namespace, op: EditOp): boolean {
  switch (op.op) {
    case 'OP_MKDIR':
      mkdir(namespace, op)
      return true
    case 'OP_DELETE': {
      const inode = lookup(namespace, op.path)
      // Java deletes nothing and says nothing when a replayed path is gone.
      if (inode === undefined || inode === namespace.root) return true
      touch(inode.parent, op.timestamp)
      deleteSubtree(namespace, inode)
      return true
    }
    case 'OP_RENAME_OLD':
      rename(namespace, op.op, op.src, op.dst, op.timestamp, false)
      return true
    case 'OP_RENAME':
      rename(namespace, op.op, op.src, op.dst, op.timestamp, op.options.includes(overwriteOption))
      return true
    case 'OP_CONCAT_DELETE':
      concat(namespace, op)
      return true
    case 'OP_SYMLINK': {
      const { username, groupname, mode } = op.permissionStatus
      const attributes = {
        owner: namespace.intern(username),
        group: namespace.intern(groupname),
        mode,
        modificationTime: op.mtime,
        accessTime: op.atime,
      }
      addChild(namespace, op.path, new INodeSymlink(op.inodeId, '', attributes, op.value), op.op)
      return true
    }
    default:
      return false
  }
}

/** Directories' modification times only go forward. */
function touch(directory: INodeDirectory | undefined, timestamp: number): void {
  if (directory !== undefined && timestamp > directory.modificationTime)
    directory.modificationTime = timestamp
}

/** Hangs a new or moved node at `path`, whose parent must be a directory without such a child. */
export function addChild(namespace: Namespace, path: string, inode: INode, operation: string): void {
  const { parent: parentPath, name } = splitPath(path)
  const parent = lookup(namespace, parentPath)
  if (parent?.kind !== 'directory') throw new EditMismatchError(operation, `no directory at ${parentPath}`)
  if (parent.children?.get(name) !== undefined) throw new EditMismatchError(operation, `${path} is taken`)
  inode.name = name
  namespace.link(parent, inode)
  touch(parent, inode.modificationTime)
  if (namespace.quotaCount === 0) return
  const usage = usageOf(inode)
  charge(namespace, parent, usage.names, usage.space)
}

/** Removes a node with all below it: ids, leases, blocks. */
export function deleteSubtree(namespace: Namespace, inode: INode): void {
  if (namespace.quotaCount > 0) {
    const usage = usageOf(inode)
    charge(namespace, inode.parent, -usage.names, -usage.space)
  }
  namespace.unlink(inode)
  const pending: INode[] = [inode]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    namespace.forget(node)
    if (node.kind === 'file') releaseFile(namespace, node)
    else if (node.kind === 'directory') {
      if (node.features?.quota !== undefined) namespace.quotaCount--
      if (node.children !== undefined) for (const child of node.children.values()) pending.push(child)
    }
  }
}

function releaseFile(namespace: Namespace, file: INodeFile): void {
  if (file.underConstruction !== undefined) {
    namespace.leases.remove(file.underConstruction.clientName, file)
    file.underConstruction = undefined
  }
  for (const block of file.blocks) namespace.removeBlock(block)
  file.blocks = noBlocks
}

function mkdir(namespace: Namespace, op: EditOpOf<'OP_MKDIR'>): void {
  const directory = new INodeDirectory(op.inodeId, '', {
    owner: namespace.intern(op.permissions.username),
    group: namespace.intern(op.permissions.groupname),
    mode: op.permissions.mode,
    modificationTime: op.timestamp,
    accessTime: 0,
  })
  directory.features = featuresFromEdit(op.xAttrs, 0)
  if (op.aclEntries.length > 0) storeAcl(directory, op.aclEntries.map(aclFromEdit))
  addChild(namespace, op.path, directory, op.op)
}

/** Features of a new node; undefined for nearly every one. */
export function featuresFromEdit(
  xAttrs: readonly EditXAttr[],
  storagePolicyId: number,
): INodeFeatures | undefined {
  if (xAttrs.length === 0 && storagePolicyId === 0) return undefined
  const features: INodeFeatures = {}
  if (xAttrs.length > 0) features.xattrs = xAttrs.map(xattrFromEdit)
  if (storagePolicyId !== 0) features.storagePolicyId = storagePolicyId
  return features
}

export function aclFromEdit(entry: EditAclEntry): AclEntry {
  return {
    type: entry.type,
    scope: entry.scope,
    permissions: entry.permissions,
    name: entry.name || undefined,
  }
}

export function xattrFromEdit(xattr: EditXAttr): XAttr {
  return { namespace: xattr.namespace, name: xattr.name, value: xattr.value ?? new Uint8Array(0) }
}

function rename(
  namespace: Namespace,
  operation: string,
  src: string,
  dst: string,
  timestamp: number,
  overwrite: boolean,
): void {
  const inode = lookup(namespace, src)
  if (inode?.parent === undefined) throw new EditMismatchError(operation, `nothing at ${src}`)
  const existing = lookup(namespace, dst)
  if (existing !== undefined && !overwrite) throw new EditMismatchError(operation, `${dst} is taken`)
  const { parent: targetPath, name } = splitPath(dst)
  const target = lookup(namespace, targetPath)
  if (target?.kind !== 'directory' || (inode.kind === 'directory' && isAncestor(inode, target))) {
    throw new EditMismatchError(operation, `no directory at ${targetPath} to move ${src} to`)
  }
  if (existing !== undefined) deleteSubtree(namespace, existing)
  const usage = namespace.quotaCount > 0 ? usageOf(inode) : { names: 0, space: 0 }
  charge(namespace, inode.parent, -usage.names, -usage.space)
  touch(inode.parent, timestamp)
  namespace.unlink(inode)
  inode.name = name
  namespace.link(target, inode)
  touch(target, timestamp)
  charge(namespace, target, usage.names, usage.space)
}

/** The sources' blocks go to the target's end and the sources are gone. */
function concat(namespace: Namespace, op: EditOpOf<'OP_CONCAT_DELETE'>): void {
  const target = lookup(namespace, op.trg)
  if (target?.kind !== 'file') throw new EditMismatchError(op.op, `no file at ${op.trg}`)
  for (const path of op.srcs) {
    const source = lookup(namespace, path)
    if (source?.kind !== 'file') throw new EditMismatchError(op.op, `no file at ${path}`)
    const before = storageSpaceOf(target) + storageSpaceOf(source)
    const moved = source.blocks
    source.blocks = noBlocks
    namespace.setBlocks(target, [...target.blocks, ...moved])
    for (const block of moved) {
      const from = block.replication
      block.replication = target.replication
      if (from !== target.replication) namespace.listener.replicationChanged(block, from)
    }
    touch(source.parent, op.timestamp)
    charge(namespace, target.parent, -1, storageSpaceOf(target) - before)
    namespace.unlink(source)
    namespace.forget(source)
  }
  target.modificationTime = op.timestamp
  touch(target.parent, op.timestamp)
}
