/** delete; FSDirDeleteOp. */
import type { Core } from '../core.ts'
import { pathIsNotEmptyDirectory } from '../java-exceptions.ts'
import type { Caller } from '../permissions/caller.ts'
import { checkRemove } from '../permissions/permission-checker.ts'
import { checkNotReserved } from './names.ts'
import { resolve } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

/** False when there was nothing to delete; the root is never deleted. */
export function deletePath(
  core: Core,
  caller: Caller,
  request: { readonly src: string; readonly recursive: boolean; readonly rpcIds: RpcIds },
): boolean {
  checkNotReserved(request.src)
  const resolved = resolve(core, caller, request.src)
  const { inode, path } = resolved
  core.checkNotSafeMode(`Cannot delete ${request.src}`)
  checkRemove(caller, resolved, true)
  if (inode === undefined) return false
  const isEmpty = inode.kind !== 'directory' || (inode.children?.size ?? 0) === 0
  if (!isEmpty && !request.recursive) throw pathIsNotEmptyDirectory(path)
  if (inode.parent === undefined) return false
  core.commit({ op: 'OP_DELETE', path, timestamp: core.env.now(), ...request.rpcIds })
  return true
}
