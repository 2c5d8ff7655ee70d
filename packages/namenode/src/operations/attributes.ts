/** Mode, owner, times, replication; FSDirAttrOp. */
import type { Core } from '../core.ts'
import { accessControl, fileNotFound } from '../java-exceptions.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess, checkOwner } from '../permissions/permission-checker.ts'
import { checkReplication } from './create.ts'
import { checkNotReserved, checkQuota } from './names.ts'
import { resolve } from './resolve.ts'

export function setPermission(core: Core, caller: Caller, src: string, requested: number): void {
  checkNotReserved(src)
  const { inode, path } = resolve(core, caller, src)
  if (inode === undefined) throw fileNotFound(`Directory/File does not exist ${path}`)
  checkOwner(caller, inode)
  core.checkNotSafeMode(`Cannot set permission for ${src}`)
  // Only directories have use for the sticky bit; Java keeps it on files as well.
  core.commit({ op: 'OP_SET_PERMISSIONS', src: path, mode: requested & 0o1777 })
}

/** `username` and `groupname` as far as they are to change. */
export function setOwner(
  core: Core,
  caller: Caller,
  src: string,
  username: string | undefined,
  groupname: string | undefined,
): void {
  checkNotReserved(src)
  const { inode, path } = resolve(core, caller, src)
  if (inode === undefined) throw fileNotFound(`Directory/File does not exist ${path}`)
  checkOwner(caller, inode)
  if (!caller.unchecked) {
    if (username !== undefined && username !== caller.user) {
      throw accessControl(`User ${caller.user} is not a super user (non-super user cannot change owner).`)
    }
    if (groupname !== undefined && !caller.groups.has(groupname)) {
      throw accessControl(`User ${caller.user} does not belong to ${groupname}`)
    }
  }
  core.checkNotSafeMode(`Cannot set owner for ${src}`)
  core.commit({ op: 'OP_SET_OWNER', src: path, username, groupname })
}

/** A negative number leaves a time as it is. */
export function setTimes(core: Core, caller: Caller, src: string, mtime: number, atime: number): void {
  const { inode, path } = resolve(core, caller, src)
  if (inode === undefined) throw fileNotFound(`File/Directory ${path} does not exist.`)
  checkAccess(caller, inode, access.write)
  core.checkNotSafeMode(`Cannot set times ${src}`)
  if (mtime < 0 && atime < 0) return
  core.commit({ op: 'OP_TIMES', path, mtime, atime })
}

/** False for what is not a file. */
export function setReplication(core: Core, caller: Caller, src: string, replication: number): boolean {
  checkReplication(core, src, replication)
  const { inode, path } = resolve(core, caller, src)
  if (inode !== undefined) checkAccess(caller, inode, access.write)
  core.checkNotSafeMode(`Cannot set replication for ${src}`)
  if (inode?.kind !== 'file') return false
  if (replication === inode.replication) return true
  if (replication > inode.replication) {
    checkQuota(core, inode.parent, 0, inode.length * (replication - inode.replication))
  }
  core.commit({ op: 'OP_SET_REPLICATION', path, replication })
  return true
}
