/** Access control lists of new nodes; FSDirectory's and AclStorage.copyINodeDefaultAcl's part of ACLs. */
import type { EditAclEntry } from '@cairn/hdfs-storage'
import type { AclEntry, INodeDirectory } from '../namespace/inode.ts'

/** AclEntryProto: scope ACCESS. */
const accessScope = 0
const defaultScope = 1
const type = { user: 0, group: 1, mask: 2, other: 3 } as const

/**
 * What a new child gets from its directory's default ACL: the entries become its access ACL, cut by the mode that
 * the client asked for; a directory also takes the defaults over. Undefined where there is no default ACL.
 */
export function inheritedAcl(
  parent: INodeDirectory,
  unmaskedMode: number,
  directory: boolean,
): { readonly mode: number; readonly entries: EditAclEntry[] } | undefined {
  const defaults = parent.features?.acl?.filter((entry) => entry.scope === defaultScope)
  if (defaults === undefined || defaults.length === 0) return undefined
  const hasMask = defaults.some((entry) => entry.type === type.mask)
  const entries = defaults.map((entry) => ({
    ...entry,
    scope: accessScope,
    permissions: entry.permissions & classBits(entry, unmaskedMode, hasMask),
  }))
  const bits = (kind: number): number =>
    entries.find((entry) => entry.type === kind && entry.name === undefined)?.permissions ?? 0
  const group = hasMask ? bits(type.mask) : bits(type.group)
  const mode = (unmaskedMode & 0o1000) | (bits(type.user) << 6) | (group << 3) | bits(type.other)
  const minimal = entries.length === 3
  const kept = minimal ? [] : entries
  return { mode, entries: [...kept, ...(directory ? defaults : [])].map(toEdit) }
}

/** Bits of the requested mode that limit an inherited entry; named entries are limited by the mask alone. */
function classBits(entry: AclEntry, mode: number, hasMask: boolean): number {
  if (entry.type === type.other) return mode & 7
  if (entry.type === type.mask) return (mode >> 3) & 7
  if (entry.name !== undefined) return 7
  if (entry.type === type.user) return (mode >> 6) & 7
  return hasMask ? 7 : (mode >> 3) & 7
}

export function toEdit(entry: AclEntry): EditAclEntry {
  return { type: entry.type, scope: entry.scope, permissions: entry.permissions, name: entry.name }
}
