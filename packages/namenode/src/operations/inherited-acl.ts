/** Access control lists of new nodes; AclStorage.copyINodeDefaultAcl. */
import type { EditAclEntry } from '@cairn/hdfs-storage'
import { aclScope, aclType, isMinimalAcl } from '../namespace/acl.ts'
import type { AclEntry, INodeDirectory } from '../namespace/inode.ts'

/**
 * What a new child gets from its directory's default ACL: the entries become its access ACL, cut by the mode that
 * the client asked for; a directory also takes the defaults over. Undefined where there is no default ACL.
 */
export function inheritedAcl(
  parent: INodeDirectory,
  unmaskedMode: number,
  directory: boolean,
): { readonly mode: number; readonly entries: EditAclEntry[] } | undefined {
  const defaults = parent.features?.acl?.filter((entry) => entry.scope === aclScope.default)
  if (defaults === undefined || defaults.length === 0) return undefined
  const minimal = isMinimalAcl(defaults)
  const entries = defaults.map((entry) => ({
    ...entry,
    scope: aclScope.access,
    permissions: entry.permissions & limitOf(entry, unmaskedMode, minimal),
  }))
  const kept = [...entries, ...(directory ? defaults : [])]
  const bitsAt = (index: number): number => entries.at(index)?.permissions ?? 0
  const mode = (unmaskedMode & 0o1000) | (bitsAt(0) << 6) | (bitsAt(-2) << 3) | bitsAt(-1)
  return { mode, entries: isMinimalAcl(kept) ? [] : kept.map(toEdit) }
}

/** Bits of the requested mode that limit an inherited entry. */
function limitOf(entry: AclEntry, mode: number, minimal: boolean): number {
  if (entry.type === aclType.other) return mode & 7
  if (entry.type === aclType.mask) return (mode >> 3) & 7
  if (entry.type === aclType.user && entry.name === undefined) return (mode >> 6) & 7
  return entry.type === aclType.group && minimal ? (mode >> 3) & 7 : 7
}

export function toEdit(entry: AclEntry): EditAclEntry {
  return { type: entry.type, scope: entry.scope, permissions: entry.permissions, name: entry.name }
}
