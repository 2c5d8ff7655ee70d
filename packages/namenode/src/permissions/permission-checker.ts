/** May this caller do that here; org.apache.hadoop.hdfs.server.namenode.FSPermissionChecker. */
import { accessControl } from '../java-exceptions.ts'
import type { AclEntry, INode, INodeDirectory } from '../namespace/inode.ts'
import { pathOf } from '../namespace/path.ts'
import type { Caller } from './caller.ts'

/** FsAction bits. */
export const access = { execute: 1, write: 2, read: 4 } as const

const actionNames = [
  'NONE',
  'EXECUTE',
  'WRITE',
  'WRITE_EXECUTE',
  'READ',
  'READ_EXECUTE',
  'READ_WRITE',
  'ALL',
] as const

/** `rwxr-x--t`, ten characters with the leading type. */
export function formatMode(inode: INode): string {
  return `${inode.kind === 'directory' ? 'd' : '-'}${formatBits(inode.mode)}`
}

/** `rwxr-x--t` without the type; org.apache.hadoop.fs.permission.FsPermission.toString. */
export function formatBits(mode: number): string {
  let text = ''
  for (const shift of [6, 3, 0]) {
    const bits = (mode >> shift) & 7
    text += `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`
  }
  if ((mode & 0o1000) === 0) return text
  return text.slice(0, 8) + (mode & 1 ? 't' : 'T')
}

function denied(caller: Caller, inode: INode, action: number, path = pathOf(inode)): Error {
  return accessControl(
    `Permission denied: user=${caller.user}, access=${actionNames[action]}, inode="${path}":${inode.owner}:${inode.group}:${formatMode(inode)}`,
  )
}

/** Whether the caller has all bits of `action` on this node. */
export function permits(caller: Caller, inode: INode, action: number): boolean {
  const { mode } = inode
  if (caller.user === inode.owner) return ((mode >> 6) & action) === action
  const acl = inode.features?.acl
  if (acl?.some((entry) => entry.scope === 0)) return permitsByAcl(caller, inode, acl, action)
  if (caller.groups.has(inode.group)) return ((mode >> 3) & action) === action
  return (mode & action) === action
}

/** Named users, then all groups the caller is in, both cut by the mask (the mode's group bits); then other. */
function permitsByAcl(caller: Caller, inode: INode, acl: readonly AclEntry[], action: number): boolean {
  const mask = (inode.mode >> 3) & 7
  let inAnyGroup = false
  for (const entry of acl) {
    if (entry.scope !== 0) continue
    if (entry.type === 0 && entry.name === caller.user) return (entry.permissions & mask & action) === action
    if (entry.type !== 1 || !caller.groups.has(entry.name ?? inode.group)) continue
    if ((entry.permissions & mask & action) === action) return true
    inAnyGroup = true
  }
  return !inAnyGroup && (inode.mode & action) === action
}

/** Throws unless the caller has `action` on the node. */
export function checkAccess(caller: Caller, inode: INode, action: number): void {
  if (caller.unchecked || permits(caller, inode, action)) return
  throw denied(caller, inode, action)
}

/** Throws unless the caller may go through every directory down to (and excluding) `inode`. */
export function checkTraverse(caller: Caller, inode: INode): void {
  if (caller.unchecked) return
  const directories: INodeDirectory[] = []
  for (let node = inode.parent; node !== undefined; node = node.parent) directories.push(node)
  for (let i = directories.length - 1; i >= 0; i--) checkEnter(caller, directories[i]!)
}

/** Throws unless the caller may go through this directory. */
export function checkEnter(caller: Caller, directory: INode): void {
  checkAccess(caller, directory, access.execute)
}

/** Throws unless the caller owns the node. */
export function checkOwner(caller: Caller, inode: INode): void {
  if (caller.unchecked || caller.user === inode.owner) return
  throw accessControl(`Permission denied. user=${caller.user} is not the owner of inode=${pathOf(inode)}`)
}

/** In a directory with the sticky bit only owners delete and rename. */
export function checkSticky(caller: Caller, inode: INode): void {
  const { parent } = inode
  if (caller.unchecked || parent === undefined || (parent.mode & 0o1000) === 0) return
  if (parent.owner === caller.user || inode.owner === caller.user) return
  const describe = (node: INode): string => `${pathOf(node)}":${node.owner}:${node.group}:${formatMode(node)}`
  throw accessControl(
    `Permission denied by sticky bit: user=${caller.user}, path="${describe(inode)}, parent="${describe(parent)}`,
  )
}

/** Throws unless the caller is superuser; `operation` as Java's audit log names it. */
export function checkSuperuser(caller: Caller, operation: string): void {
  if (caller.unchecked) return
  throw accessControl(
    `Access denied for user ${caller.user}. Superuser privilege is required for operation ${operation}`,
  )
}

/**
 * Before something is taken out of its directory. `withSubtree`: for good, with all that is in it. Takes the resolved
 * path: of what is not there, the directory where it would be must be writable all the same.
 */
export function checkRemove(
  caller: Caller,
  place: {
    readonly inode: INode | undefined
    readonly ancestor: INodeDirectory
    readonly below: readonly string[]
  },
  withSubtree: boolean,
): void {
  if (caller.unchecked) return
  const { inode, ancestor, below } = place
  if (inode !== undefined) checkSticky(caller, inode)
  if (below.length === 1) checkAccess(caller, ancestor, access.write)
  if (withSubtree && inode !== undefined) checkSubtree(caller, inode)
}

/** Every non-empty directory must be the caller's to list and change, sticky bits heeded; FSPermissionChecker.checkSubAccess. */
function checkSubtree(caller: Caller, inode: INode): void {
  if (inode.kind !== 'directory') return
  const pending: INodeDirectory[] = [inode]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.children === undefined || node.children.size === 0) continue
    checkAccess(caller, node, access.read | access.write | access.execute)
    const sticky = (node.mode & 0o1000) !== 0
    for (const child of node.children.values()) {
      if (sticky) checkSticky(caller, child)
      if (child.kind === 'directory') pending.push(child)
    }
  }
}
