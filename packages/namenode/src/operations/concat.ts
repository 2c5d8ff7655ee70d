/** concat: the blocks of closed files move to the end of another; FSDirConcatOp. */
import type { Core } from '../core.ts'
import { hadoopIllegalArgument, illegalArgument, ioException } from '../java-exceptions.ts'
import type { INodeFile } from '../namespace/inode.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess } from '../permissions/permission-checker.ts'
import { checkQuota } from './names.ts'
import { fileOf, resolve } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

export function concat(
  core: Core,
  caller: Caller,
  request: { readonly trg: string; readonly srcs: readonly string[]; readonly rpcIds: RpcIds },
): void {
  const { trg, srcs, rpcIds } = request
  core.checkNotSafeMode(`Cannot concat ${trg}`)
  if (trg === '') throw illegalArgument('Target file name is empty')
  if (srcs.length === 0) throw illegalArgument('No sources given')
  for (const path of [trg, ...srcs]) checkNotReserved(path)
  const target = resolve(core, caller, trg)
  const targetFile = fileOf(target.inode, target.path)
  checkAccess(caller, targetFile, access.write)
  if (targetFile.underConstruction !== undefined) {
    throw hadoopIllegalArgument(`concat: target file ${target.path} is under construction`)
  }
  const seen = new Set<INodeFile>()
  const paths = srcs.map((src) => checkSource(core, caller, src, targetFile, target.path, seen))
  const space = [...seen].reduce(
    (sum, file) => sum + file.length * (targetFile.replication - file.replication),
    0,
  )
  checkQuota(core, targetFile.parent, 0, space)
  core.commit({
    op: 'OP_CONCAT_DELETE',
    trg: target.path,
    srcs: paths,
    timestamp: core.env.now(),
    ...rpcIds,
  })
}

function checkNotReserved(path: string): void {
  if (!path.startsWith('/.reserved/raw') && !path.startsWith('/.reserved/.inodes')) return
  throw ioException(`Concat operation doesn't support .reserved relative path : ${path}`)
}

/** Path of one source that may be swallowed. */
function checkSource(
  core: Core,
  caller: Caller,
  src: string,
  target: INodeFile,
  targetPath: string,
  seen: Set<INodeFile>,
): string {
  const { inode, path } = resolve(core, caller, src)
  const file = fileOf(inode, path)
  const refuse = (why: string): Error => hadoopIllegalArgument(`concat: ${why}`)
  checkAccess(caller, file, access.read)
  if (file.parent !== undefined) checkAccess(caller, file.parent, access.write)
  if (file.parent !== target.parent) {
    throw hadoopIllegalArgument(
      `Source file ${path} is not in the same directory with the target ${targetPath}`,
    )
  }
  if (file === target) throw refuse(`the src file ${path} is the same with the target file ${targetPath}`)
  if (seen.has(file)) throw refuse('at least two of the source files are the same')
  if (file.underConstruction !== undefined || file.blocks.length === 0) {
    throw refuse(`source file ${path} is invalid or empty or underConstruction`)
  }
  if (file.preferredBlockSize > target.preferredBlockSize) {
    throw refuse(
      `source file ${path} has preferred block size ${file.preferredBlockSize} which is greater than the target file's preferred block size ${target.preferredBlockSize}`,
    )
  }
  seen.add(file)
  return path
}
