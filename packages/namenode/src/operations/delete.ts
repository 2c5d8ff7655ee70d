/** delete; FSDirDeleteOp. */
import type { Core } from '../core.ts'
import { pathIsNotEmptyDirectory } from '../java-exceptions.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess, checkSticky, checkSubtree } from '../permissions/permission-checker.ts'
import { resolve } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

/** False when there was nothing to delete; the root is never deleted. */
export function deletePath(
  core: Core,
  caller: Caller,
  request: { readonly src: string; readonly recursive: boolean; readonly rpcIds: RpcIds },
): boolean {
  const { inode, path } = resolve(core, caller, request.src, 'denied')
  core.checkNotSafeMode(`Cannot delete ${request.src}`)
  const isEmpty = inode?.kind !== 'directory' || (inode.children?.size ?? 0) === 0
  if (inode === undefined) return false
  if (!isEmpty && !request.recursive) throw pathIsNotEmptyDirectory(path)
  if (inode.parent === undefined) {
    checkSubtree(caller, inode, access.read | access.write | access.execute)
    return false
  }
  checkAccess(caller, inode.parent, access.write)
  checkSticky(caller, inode)
  if (inode.kind === 'directory' && !isEmpty) {
    checkSubtree(caller, inode, access.read | access.write | access.execute)
  }
  core.commit({ op: 'OP_DELETE', path, timestamp: core.env.now(), ...request.rpcIds })
  return true
}
