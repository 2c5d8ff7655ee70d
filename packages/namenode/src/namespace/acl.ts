/**
 * Access control lists as they are stored; org.apache.hadoop.hdfs.server.namenode.AclStorage.
 *
 * A list has two forms. The *logical* one is complete and sorted: owner, named users, group, named groups, mask,
 * other; then the same for the default scope. A node *stores* what its mode bits do not say: of the access scope the
 * entries between owner and mask, of the default scope all. With an extended ACL the mode's group bits are the mask.
 */
import type { AclEntry, INode, INodeFeatures } from './inode.ts'

/** AclEntryProto.AclEntryScopeProto and AclEntryTypeProto. */
export const aclScope = { access: 0, default: 1 } as const
export const aclType = { user: 0, group: 1, mask: 2, other: 3 } as const

/** Whether mode bits say it all: owner, group and other of the access scope and nothing else. */
export function isMinimalAcl(entries: readonly AclEntry[]): boolean {
  return entries.length === 3
}

/** The logical list of a node, from its mode and what it stores. */
export function logicalAcl(inode: INode): AclEntry[] {
  const stored = inode.features?.acl ?? []
  const access = stored.filter((entry) => entry.scope === aclScope.access)
  const defaults = stored.filter((entry) => entry.scope === aclScope.default)
  const group = (inode.mode >> 3) & 7
  const middle = access.length > 0 ? [...access, base(aclType.mask, group)] : [base(aclType.group, group)]
  return [
    base(aclType.user, (inode.mode >> 6) & 7),
    ...middle,
    base(aclType.other, inode.mode & 7),
    ...defaults,
  ]
}

function base(type: number, permissions: number): AclEntry {
  return { type, scope: aclScope.access, permissions, name: undefined }
}

/** Gives the node a logical list. */
export function storeAcl(inode: INode, logical: readonly AclEntry[]): void {
  const access = logical.filter((entry) => entry.scope === aclScope.access)
  const defaults = logical.filter((entry) => entry.scope === aclScope.default)
  const explicit = isMinimalAcl(access) ? [] : access.slice(1, -2)
  const stored = [...explicit, ...defaults]
  const group = access[access.length - 2]
  inode.mode =
    (inode.mode & 0o1000) |
    ((access[0]?.permissions ?? 0) << 6) |
    ((group?.permissions ?? 0) << 3) |
    (access[access.length - 1]?.permissions ?? 0)
  features(inode).acl = stored.length > 0 ? stored : undefined
}

/** Takes the list away; the mode's group bits are the owning group's again. */
export function dropAcl(inode: INode): void {
  const group = inode.features?.acl?.find(
    (entry) => entry.scope === aclScope.access && entry.type === aclType.group && entry.name === undefined,
  )
  if (group !== undefined) inode.mode = (inode.mode & 0o1707) | (group.permissions << 3)
  if (inode.features !== undefined) inode.features.acl = undefined
}

function features(inode: INode): INodeFeatures {
  inode.features ??= {}
  return inode.features
}
