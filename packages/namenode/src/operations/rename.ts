/** rename and rename2; FSDirRenameOp. */
import type { Core } from '../core.ts'
import { fileAlreadyExists, fileNotFound, ioException, parentNotDirectory } from '../java-exceptions.ts'
import type { INode, INodeDirectory } from '../namespace/inode.ts'
import { isAncestor, splitPath } from '../namespace/path.ts'
import { usageOf } from '../namespace/quota.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess, checkRemove } from '../permissions/permission-checker.ts'
import { checkNewChild, checkNewPath, checkPathLength, checkQuota } from './names.ts'
import { type Resolved, resolve } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

export interface RenameRequest {
  readonly src: string
  readonly dst: string
  readonly rpcIds: RpcIds
}

/** Code of `Options.Rename.OVERWRITE` and `TO_TRASH` in the edit log. */
const overwriteCode = 1
const toTrashCode = 2

/** The old rename: into `dst` when that is a directory; false for whatever does not work. */
export function renameOld(core: Core, caller: Caller, request: RenameRequest): boolean {
  const { src, dst, rpcIds } = request
  checkPathLength(dst, 'rename')
  checkNewPath(dst, 'Invalid file name: ')
  const source = resolve(core, caller, src)
  core.checkNotSafeMode(`Cannot rename ${src}`)
  let target = resolve(core, caller, dst, 'not a parent')
  if (target.inode?.kind === 'directory' && source.path !== '/') {
    const { name } = splitPath(source.path)
    target = resolve(core, caller, target.path === '/' ? `/${name}` : `${target.path}/${name}`)
  }
  checkMayMove(caller, source, target, false)
  const { inode } = source
  if (inode?.parent === undefined) return false
  if (source.path === target.path) return true
  if (target.inode !== undefined || target.below.length > 1) return false
  if (inode.kind === 'directory' && isAncestor(inode, target.ancestor)) return false
  checkMove(core, inode, target)
  const timestamp = core.env.now()
  core.commit({ op: 'OP_RENAME_OLD', src: source.path, dst: target.path, timestamp, ...rpcIds })
  return true
}

/** The rename with options: exactly to `dst`, an exception for whatever does not work. */
export function rename(
  core: Core,
  caller: Caller,
  request: RenameRequest & { readonly overwrite: boolean; readonly toTrash: boolean },
): void {
  const { src, dst, overwrite, rpcIds } = request
  checkPathLength(dst, 'rename')
  checkNewPath(dst, 'Invalid file name: ')
  const source = resolve(core, caller, src)
  core.checkNotSafeMode(`Cannot rename ${src}`)
  const target = resolve(core, caller, dst, 'not a parent')
  checkMayMove(caller, source, target, request.toTrash)
  const inode = checkSource(source)
  if (source.path === target.path) {
    throw fileAlreadyExists(`The source ${source.path} and destination ${target.path} are the same`)
  }
  checkDestination(source, target, inode, overwrite)
  checkMove(core, inode, target)
  const options = [...(overwrite ? [overwriteCode] : []), ...(request.toTrash ? [toTrashCode] : [])]
  core.commit({
    op: 'OP_RENAME',
    src: source.path,
    dst: target.path,
    timestamp: core.env.now(),
    options,
    ...rpcIds,
  })
}

/** What goes to the trash will be deleted by a superuser, so the caller must be one who may delete it. */
function checkMayMove(caller: Caller, source: Resolved, target: Resolved, toTrash: boolean): void {
  checkRemove(caller, source, toTrash)
  if (target.path !== '/') checkAccess(caller, target.ancestor, access.write)
}

function checkSource(source: Resolved): INode {
  if (source.inode === undefined) throw fileNotFound(`rename source ${source.path} is not found.`)
  if (source.inode.parent === undefined) throw ioException('rename source cannot be the root')
  return source.inode
}

function checkDestination(source: Resolved, target: Resolved, inode: INode, overwrite: boolean): void {
  const { path } = target
  if (inode.kind === 'directory' && isAncestor(inode, target.ancestor)) {
    throw ioException(`Rename destination ${path} is a directory or file under source ${source.path}`)
  }
  if (path === '/') throw ioException('rename destination cannot be the root')
  const replaced = target.inode
  if (replaced !== undefined) {
    checkReplaced(source.path, path, inode, replaced, overwrite)
    return
  }
  if (target.below.length > 1) {
    throw fileNotFound(`rename destination parent ${path} not found.`)
  }
}

function checkReplaced(src: string, dst: string, inode: INode, replaced: INode, overwrite: boolean): void {
  if ((replaced.kind === 'directory') !== (inode.kind === 'directory')) {
    throw ioException(`Source ${src} and destination ${dst} must both be directories`)
  }
  if (!overwrite) throw fileAlreadyExists(`rename destination ${dst} already exists`)
  if (replaced.kind === 'directory' && (replaced.children?.size ?? 0) > 0) {
    throw ioException(`rename destination directory is not empty: ${dst}`)
  }
}

/** Name limits and quotas of the new place; what both places share costs nothing. */
function checkMove(core: Core, inode: INode, target: Resolved): void {
  const { ancestor, inode: replaced } = target
  if (ancestor.kind !== 'directory') throw parentNotDirectory(target.path)
  if (replaced === undefined) checkNewChild(core, ancestor, splitPath(target.path).name, target.path)
  if (core.namespace.quotaCount === 0 || inode.parent === undefined) return
  const usage = usageOf(inode)
  if (replaced !== undefined) {
    const freed = usageOf(replaced)
    usage.names -= freed.names
    usage.space -= freed.space
  }
  const shared: INodeDirectory = inode.parent
  checkQuota(core, ancestor, usage.names, usage.space, shared)
}
