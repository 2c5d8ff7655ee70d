/** Extended attributes; FSDirXAttrOp and XAttrPermissionFilter. */
import type { EditXAttr } from '@cairn/hdfs-storage'
import type { Core } from '../core.ts'
import {
  accessControl,
  fileNotFound,
  hadoopIllegalArgument,
  ioException,
  xattrNotFound,
} from '../java-exceptions.ts'
import { sameXAttr } from '../namespace/apply-attributes.ts'
import type { INode, XAttr } from '../namespace/inode.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess, checkOwner } from '../permissions/permission-checker.ts'
import { utf8Length } from './names.ts'
import { resolve } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

/** XAttrProto.XAttrNamespaceProto */
const space = { user: 0, trusted: 1, security: 2, system: 3, raw: 4 } as const
const prefixes = ['user', 'trusted', 'security', 'system', 'raw'] as const
/** XAttrSetFlagProto */
const flag = { create: 1, replace: 2 } as const

export interface SetXAttrRequest {
  readonly src: string
  readonly xattr: EditXAttr
  readonly flags: number
  readonly rpcIds: RpcIds
}

export function setXAttr(core: Core, caller: Caller, request: SetXAttrRequest): void {
  const { src, xattr, flags } = request
  checkPermitted(caller, xattr)
  checkSize(core, xattr)
  const { inode: found, path } = resolve(core, caller, src)
  const inode = existing(found, path)
  checkChange(caller, inode, xattr)
  core.checkNotSafeMode(`Cannot set XAttr on ${src}`)
  const old = inode.features?.xattrs ?? []
  const known = old.some((other) => sameXAttr(other, xattr))
  if (known && (flags & flag.replace) === 0) {
    throw ioException(`XAttr: ${xattr.name} already exists. The REPLACE flag must be specified.`)
  }
  if (!known && (flags & flag.create) === 0) {
    throw ioException(`XAttr: ${xattr.name} does not exist. The CREATE flag must be specified.`)
  }
  const { xattrsPerInodeMax } = core.settings
  const isUsers = (other: { readonly namespace: number }): boolean =>
    other.namespace === space.user || other.namespace === space.trusted
  if (!known && isUsers(xattr) && old.filter(isUsers).length >= xattrsPerInodeMax) {
    throw ioException(`Cannot add additional XAttr to inode, would exceed limit of ${xattrsPerInodeMax}`)
  }
  core.commit({ op: 'OP_SET_XATTR', xattr: { src: path, xAttrs: [xattr] }, ...request.rpcIds })
}

export function removeXAttr(
  core: Core,
  caller: Caller,
  request: { readonly src: string; readonly xattr: EditXAttr; readonly rpcIds: RpcIds },
): void {
  const { src, xattr } = request
  checkPermitted(caller, xattr)
  const { inode: found, path } = resolve(core, caller, src)
  const inode = existing(found, path)
  checkChange(caller, inode, xattr)
  core.checkNotSafeMode(`Cannot remove XAttr entry on ${src}`)
  const known = inode.features?.xattrs?.find((other) => sameXAttr(other, xattr))
  if (known === undefined) throw ioException('No matching attributes found for remove operation')
  core.commit({ op: 'OP_REMOVE_XATTR', xattr: { src: path, xAttrs: [{ ...known }] }, ...request.rpcIds })
}

/** All attributes that the caller may see, or those named. */
export function getXAttrs(
  core: Core,
  caller: Caller,
  src: string,
  named: readonly EditXAttr[],
): readonly XAttr[] {
  for (const xattr of named) checkPermitted(caller, xattr)
  const { inode: found, path } = resolve(core, caller, src)
  const inode = existing(found, path)
  checkAccess(caller, inode, access.read)
  const visible = visibleTo(caller, inode)
  if (named.length === 0) return visible
  return named.map((wanted) => {
    const xattr = visible.find((other) => sameXAttr(other, wanted))
    if (xattr === undefined) {
      throw xattrNotFound('At least one of the attributes provided was not found.')
    }
    return xattr
  })
}

/** Names only; who may not read the node does not see them either (CVE-2018-1296). */
export function listXAttrs(core: Core, caller: Caller, src: string): XAttr[] {
  const { inode: found, path } = resolve(core, caller, src)
  const inode = existing(found, path)
  checkAccess(caller, inode, access.read)
  return visibleTo(caller, inode).map((xattr) => ({ ...xattr, value: new Uint8Array(0) }))
}

function existing(inode: INode | undefined, path: string): INode {
  if (inode === undefined) throw fileNotFound(`cannot find ${path}`)
  return inode
}

function visibleTo(caller: Caller, inode: INode): readonly XAttr[] {
  const all = inode.features?.xattrs ?? []
  return all.filter(
    ({ namespace }) => namespace === space.user || (namespace === space.trusted && caller.superuser),
  )
}

/** Users set `user.`, the superuser also `trusted.`; the others are the NameNode's own. */
function checkPermitted(caller: Caller, xattr: EditXAttr): void {
  if (xattr.namespace === space.user || (xattr.namespace === space.trusted && caller.superuser)) return
  throw accessControl(
    `User doesn't have permission for xattr: ${prefixes[xattr.namespace] ?? xattr.namespace}.${xattr.name}`,
  )
}

/** A directory with the sticky bit gives `user.` attributes to its owner alone. */
function checkChange(caller: Caller, inode: INode, xattr: EditXAttr): void {
  const sticky = inode.kind === 'directory' && (inode.mode & 0o1000) !== 0
  if (xattr.namespace === space.user && sticky) checkOwner(caller, inode)
  else checkAccess(caller, inode, access.write)
}

function checkSize(core: Core, xattr: EditXAttr): void {
  if (xattr.name === '') throw hadoopIllegalArgument('XAttr name cannot be empty.')
  const bytes = utf8Length(xattr.name) + (xattr.value?.length ?? 0)
  const { xattrBytesMax } = core.settings
  if (bytes <= xattrBytesMax) return
  throw hadoopIllegalArgument(
    `The XAttr is too big. The maximum combined size of the name and value is ${xattrBytesMax}, but the total size is ${bytes}`,
  )
}
