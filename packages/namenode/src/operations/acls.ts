/** Access control lists: what clients ask for becomes a whole new list; FSDirAclOp and AclTransformation. */
import type { AclEntryProto, AclStatusProto } from '@cairn/hadoop-proto'
import type { Core } from '../core.ts'
import { aclException, fileNotFound } from '../java-exceptions.ts'
import { aclScope, aclType, isMinimalAcl, logicalAcl } from '../namespace/acl.ts'
import type { AclEntry, INode } from '../namespace/inode.ts'
import type { Caller } from '../permissions/caller.ts'
import { checkOwner } from '../permissions/permission-checker.ts'
import { toEdit } from './inherited-acl.ts'
import { resolve } from './resolve.ts'

/** Entries of one scope that a list may have. */
const entriesMax = 32

type Spec = readonly AclEntryProto[]

export function getAclStatus(core: Core, caller: Caller, src: string): AclStatusProto {
  const { inode, path } = resolve(core, caller, src)
  if (inode === undefined) throw fileNotFound(`cannot find ${path}`)
  return {
    owner: inode.owner,
    group: inode.group,
    sticky: (inode.mode & 0o1000) !== 0,
    entries: (inode.features?.acl ?? []).map(({ type, scope, permissions, name }) => ({
      type,
      scope,
      permissions,
      name: name ?? '',
    })),
    permission: { perm: inode.mode },
  }
}

export function setAcl(core: Core, caller: Caller, src: string, spec: Spec): void {
  change(core, caller, src, 'Cannot set ACL on', (old) => {
    const given = spec.map(fromProto)
    const scopes = new Set(given.map((entry) => entry.scope))
    return { entries: [...old.filter((entry) => !scopes.has(entry.scope)), ...given], given }
  })
}

export function modifyAclEntries(core: Core, caller: Caller, src: string, spec: Spec): void {
  change(core, caller, src, 'Cannot modify ACL entries on', (old) => {
    const given = lastOfEach(spec.map(fromProto))
    const kept = old.filter((entry) => !given.some((other) => sameKey(entry, other)))
    return { entries: [...kept, ...given], given }
  })
}

export function removeAclEntries(core: Core, caller: Caller, src: string, spec: Spec): void {
  change(core, caller, src, 'Cannot remove ACL entries on', (old) => {
    const gone = spec.map(fromProto)
    const entries = old.filter((entry) => !gone.some((other) => sameKey(entry, other)))
    return { entries, given: gone.filter((entry) => entry.type !== aclType.mask) }
  })
}

export function removeDefaultAcl(core: Core, caller: Caller, src: string): void {
  change(core, caller, src, 'Cannot remove default ACL entries on', (old) => ({
    entries: old.filter((entry) => entry.scope === aclScope.access),
    given: [],
  }))
}

export function removeAcl(core: Core, caller: Caller, src: string): void {
  const { path } = changeable(core, caller, src, 'Cannot remove ACL on')
  core.commit({ op: 'OP_SET_ACL', acl: { src: path, entries: [] } })
}

function changeable(
  core: Core,
  caller: Caller,
  src: string,
  attempt: string,
): { inode: INode; path: string } {
  const { inode, path } = resolve(core, caller, src)
  core.checkNotSafeMode(`${attempt} ${src}`)
  if (inode === undefined) throw fileNotFound(`cannot find ${path}`)
  checkOwner(caller, inode)
  return { inode, path }
}

function change(
  core: Core,
  caller: Caller,
  src: string,
  attempt: string,
  transform: (old: AclEntry[]) => { entries: AclEntry[]; given: readonly AclEntry[] },
): void {
  const { inode, path } = changeable(core, caller, src, attempt)
  const { entries, given } = transform(logicalAcl(inode))
  const complete = withMasks(withDefaultBases(entries), given)
  complete.sort(compareEntries)
  checkList(complete, inode, path)
  core.commit({ op: 'OP_SET_ACL', acl: { src: path, entries: complete.map(toEdit) } })
}

function fromProto(entry: AclEntryProto): AclEntry {
  return {
    type: entry.type,
    scope: entry.scope,
    permissions: entry.permissions,
    name: entry.name || undefined,
  }
}

function sameKey(a: AclEntry, b: AclEntry): boolean {
  return a.scope === b.scope && a.type === b.type && a.name === b.name
}

function lastOfEach(entries: readonly AclEntry[]): AclEntry[] {
  return entries.filter((entry, index) => !entries.slice(index + 1).some((other) => sameKey(entry, other)))
}

/** Default entries need a default owner, group and other: those missing are copied from the access scope. */
function withDefaultBases(entries: readonly AclEntry[]): AclEntry[] {
  if (!entries.some((entry) => entry.scope === aclScope.default)) return [...entries]
  const missing: AclEntry[] = []
  for (const type of [aclType.user, aclType.group, aclType.other]) {
    const key = { type, scope: aclScope.default, permissions: 0, name: undefined }
    if (entries.some((entry) => sameKey(entry, key))) continue
    const access = entries.find((entry) => sameKey(entry, { ...key, scope: aclScope.access }))
    if (access !== undefined) missing.push({ ...key, permissions: access.permissions })
  }
  return [...entries, ...missing]
}

/**
 * A scope with named entries has a mask: the one given, or in an unchanged scope the old one, otherwise the union of
 * all that it limits. A mask that was there stays (recalculated) when the last named entry goes.
 */
function withMasks(entries: readonly AclEntry[], given: readonly AclEntry[]): AclEntry[] {
  const changed = new Set(given.map((entry) => entry.scope))
  const result: AclEntry[] = []
  for (const scope of [aclScope.access, aclScope.default]) {
    const all = entries.filter((entry) => entry.scope === scope)
    const limited = all.filter(
      (entry) => entry.type === aclType.group || (entry.type === aclType.user && entry.name !== undefined),
    )
    const rest = all.filter((entry) => entry.type !== aclType.mask)
    const isMask = (entry: AclEntry): boolean => entry.scope === scope && entry.type === aclType.mask
    const old = entries.find(isMask)
    const kept = given.find(isMask) ?? (changed.has(scope) ? undefined : old)
    result.push(...rest)
    if (kept !== undefined) result.push(kept)
    else if (old !== undefined || limited.some((entry) => entry.name !== undefined)) {
      const permissions = limited.reduce((bits, entry) => bits | entry.permissions, 0)
      result.push({ type: aclType.mask, scope, permissions, name: undefined })
    }
  }
  return result
}

/** Access before default; owner, named users, group, named groups, mask, other; names in order. */
function compareEntries(a: AclEntry, b: AclEntry): number {
  if (a.scope !== b.scope) return a.scope - b.scope
  if (a.type !== b.type) return a.type - b.type
  const [left, right] = [a.name ?? '', b.name ?? '']
  return left < right ? -1 : left > right ? 1 : 0
}

function checkList(entries: readonly AclEntry[], inode: INode, path: string): void {
  const fail = (why: string): never => {
    throw aclException(`Invalid ACL: ${why} Path: ${path}`)
  }
  entries.forEach((entry, index) => {
    const next = entries[index + 1]
    if (next !== undefined && sameKey(entry, next)) fail('multiple entries with same scope, type and name.')
    const nameless = entry.type === aclType.mask || entry.type === aclType.other
    if (nameless && entry.name !== undefined) fail(`this entry type must not have a name: ${entry.name}.`)
  })
  const access = entries.filter((entry) => entry.scope === aclScope.access)
  const defaults = entries.filter((entry) => entry.scope === aclScope.default)
  const hasBase = (type: number): boolean =>
    access.some((entry) => entry.type === type && entry.name === undefined)
  if (!hasBase(aclType.user) || !hasBase(aclType.group) || !hasBase(aclType.other)) {
    fail('the user, group and other entries are required.')
  }
  for (const [name, list] of [
    ['access', access],
    ['default', defaults],
  ] as const) {
    if (list.length > entriesMax) {
      fail(`ACL has ${list.length} ${name} entries, which exceeds maximum of ${entriesMax}.`)
    }
  }
  if (defaults.length > 0 && inode.kind !== 'directory' && !isMinimalAcl(entries)) {
    throw aclException(`Invalid ACL: only directories may have a default ACL. Path: ${path} Path: ${path}`)
  }
}
