/** Operations on what a node carries: mode, owner, times, quota, storage policy, xattrs, ACL. */
import type { EditOp, EditOpOf, EditXAttr } from '@cairn/hdfs-storage'
import { dropAcl, storeAcl } from './acl.ts'
import { aclFromEdit, xattrFromEdit } from './apply-tree.ts'
import { EditMismatchError } from './edit-mismatch.ts'
import type { INode, INodeFeatures } from './inode.ts'
import type { Namespace } from './namespace.ts'
import { lookup } from './path.ts'
import { usageOf } from './quota.ts'

/** `Long.MAX_VALUE`: leave this quota as it is. */
export const quotaUnchanged = 0x7fff_ffff_ffff_ffffn
/** `Long.MIN_VALUE`/−1: no limit. */
const noQuota = -1

/** Java's `StorageType` ordinals, as in OP_SET_QUOTA_BY_STORAGETYPE, to StorageTypeProto numbers. */
const protoOfStorageTypeOrdinal = [4, 2, 1, 3, 5, 6] as const

/** Returns whether the operation was one of this family. */
export function applyAttributes(namespace: Namespace, op: EditOp): boolean {
  switch (op.op) {
    case 'OP_SET_PERMISSIONS':
      // With an extended ACL, the mode's group bits are its mask: nothing else has to change.
      nodeAt(namespace, op.src, op.op).mode = op.mode
      return true
    case 'OP_SET_OWNER': {
      const inode = nodeAt(namespace, op.src, op.op)
      if (op.username !== undefined) inode.owner = namespace.intern(op.username)
      if (op.groupname !== undefined) inode.group = namespace.intern(op.groupname)
      return true
    }
    case 'OP_TIMES': {
      const inode = nodeAt(namespace, op.path, op.op)
      if (op.mtime >= 0) inode.modificationTime = op.mtime
      if (op.atime >= 0) inode.accessTime = op.atime
      return true
    }
    case 'OP_SET_STORAGE_POLICY':
      featuresOf(nodeAt(namespace, op.path, op.op)).storagePolicyId = op.policyId || undefined
      return true
    case 'OP_SET_XATTR':
      setXAttrs(nodeAt(namespace, op.xattr.src ?? '', op.op), op.xattr.xAttrs)
      return true
    case 'OP_REMOVE_XATTR':
      removeXAttrs(nodeAt(namespace, op.xattr.src ?? '', op.op), op.xattr.xAttrs)
      return true
    case 'OP_SET_ACL':
      setAcl(namespace, op)
      return true
    default:
      return applyQuota(namespace, op)
  }
}

function nodeAt(namespace: Namespace, path: string, operation: string): INode {
  const inode = lookup(namespace, path)
  if (inode === undefined) throw new EditMismatchError(operation, `nothing at ${path}`)
  return inode
}

function featuresOf(inode: INode): INodeFeatures {
  inode.features ??= {}
  return inode.features
}

function setXAttrs(inode: INode, added: readonly EditXAttr[]): void {
  const kept = (inode.features?.xattrs ?? []).filter((old) => !added.some((xattr) => sameXAttr(old, xattr)))
  featuresOf(inode).xattrs = [...kept, ...added.map(xattrFromEdit)]
}

function removeXAttrs(inode: INode, removed: readonly EditXAttr[]): void {
  const kept = (inode.features?.xattrs ?? []).filter((old) => !removed.some((xattr) => sameXAttr(old, xattr)))
  featuresOf(inode).xattrs = kept.length > 0 ? kept : undefined
}

/** Whether two attributes are the same one, whatever their values. */
export function sameXAttr(
  a: { readonly namespace: number; readonly name: string },
  b: { readonly namespace: number; readonly name: string },
): boolean {
  return a.namespace === b.namespace && a.name === b.name
}

/** The operation carries the whole new list; an empty one takes the list away. */
function setAcl(namespace: Namespace, op: EditOpOf<'OP_SET_ACL'>): void {
  const inode = nodeAt(namespace, op.acl.src, op.op)
  if (op.acl.entries.length === 0) dropAcl(inode)
  else storeAcl(inode, op.acl.entries.map(aclFromEdit))
}

function applyQuota(namespace: Namespace, op: EditOp): boolean {
  switch (op.op) {
    case 'OP_SET_NS_QUOTA':
      setQuota(namespace, op.src, op.op, op.nsQuota, quotaUnchanged)
      return true
    case 'OP_CLEAR_NS_QUOTA':
      setQuota(namespace, op.src, op.op, -1n, -1n)
      return true
    case 'OP_SET_QUOTA':
      setQuota(namespace, op.src, op.op, op.nsQuota, op.dsQuota)
      return true
    case 'OP_SET_QUOTA_BY_STORAGETYPE':
      setQuota(namespace, op.src, op.op, quotaUnchanged, quotaUnchanged, {
        type: protoOfStorageTypeOrdinal[op.type] ?? 1,
        limit: op.dsQuota,
      })
      return true
    default:
      return false
  }
}

function setQuota(
  namespace: Namespace,
  path: string,
  operation: string,
  names: bigint,
  space: bigint,
  byType?: { type: number; limit: bigint },
): void {
  const inode = nodeAt(namespace, path, operation)
  if (inode.kind !== 'directory') throw new EditMismatchError(operation, `no directory at ${path}`)
  const features = featuresOf(inode)
  let quota = features.quota
  if (quota === undefined) {
    const usage = usageOf(inode)
    quota = {
      namespaceQuota: noQuota,
      storageSpaceQuota: noQuota,
      typeQuotas: new Map(),
      namespaceUsed: usage.names,
      storageSpaceUsed: usage.space,
    }
    features.quota = quota
    namespace.quotaCount++
  }
  if (names !== quotaUnchanged) quota.namespaceQuota = limitOf(names)
  if (space !== quotaUnchanged) quota.storageSpaceQuota = limitOf(space)
  if (byType !== undefined) {
    if (byType.limit < 0n) quota.typeQuotas.delete(byType.type)
    else quota.typeQuotas.set(byType.type, Number(byType.limit))
  }
  if (quota.namespaceQuota < 0 && quota.storageSpaceQuota < 0 && quota.typeQuotas.size === 0) {
    features.quota = undefined
    namespace.quotaCount--
  }
}

/**
 * The root's namespace quota is as good as none (Long.MAX_VALUE) and not kept. Limits beyond what numbers here can tell
 * apart are beyond what a cluster can hold.
 */
function limitOf(limit: bigint): number {
  return limit < 0n || limit >= quotaUnchanged ? noQuota : Math.min(Number(limit), Number.MAX_SAFE_INTEGER)
}
