import { constants } from 'node:fs'
import { AclEntryProto_FsActionProto as FsActionProto } from '@cairn/hadoop-proto'
import type { CallOptions, NamenodeProxy } from '../namenode/namenode-proxy.ts'
import { HdfsFileError, throwFileError } from './file-error.ts'
import { Stats } from './stats.ts'

/** HDFS's "leave this time as it is" (setTimes) as the wire carries it: -1 in a uint64. */
const unchanged = 0xffff_ffff_ffff_ffffn

/** The file's status; ENOENT when there is none. */
export async function stat(namenode: NamenodeProxy, path: string, options?: CallOptions): Promise<Stats> {
  const status = await fileInfo(namenode, path, 'stat', options)
  if (status === undefined) throw new HdfsFileError('ENOENT', 'stat', { path })
  return status
}

/** The status of a file that is open here, whose size the NameNode may not know yet. */
export async function statOpen(
  namenode: NamenodeProxy,
  path: string,
  size: number,
  options?: CallOptions,
): Promise<Stats> {
  try {
    const { fs } = await namenode.call('getFileInfo', { src: path }, options)
    if (fs !== undefined) return new Stats(fs, size)
  } catch (error) {
    throwFileError(error, 'fstat', path)
  }
  throw new HdfsFileError('ENOENT', 'fstat', { path })
}

/** The status without following a symbolic link. */
export async function lstat(namenode: NamenodeProxy, path: string, options?: CallOptions): Promise<Stats> {
  try {
    const { fs } = await namenode.call('getFileLinkInfo', { src: path }, options)
    if (fs !== undefined) return new Stats(fs)
  } catch (error) {
    throwFileError(error, 'lstat', path)
  }
  throw new HdfsFileError('ENOENT', 'lstat', { path })
}

/** The status, or undefined when there is no such file; other failures are errors of `syscall`. */
export async function fileInfo(
  namenode: NamenodeProxy,
  path: string,
  syscall: string,
  options?: CallOptions,
): Promise<Stats | undefined> {
  try {
    const { fs } = await namenode.call('getFileInfo', { src: path }, options)
    return fs === undefined ? undefined : new Stats(fs)
  } catch (error) {
    throwFileError(error, syscall, path)
  }
}

/** True when the path exists; false also when a part of it is a file. Other failures reject. */
export async function exists(namenode: NamenodeProxy, path: string, options?: CallOptions): Promise<boolean> {
  try {
    return (await fileInfo(namenode, path, 'exists', options)) !== undefined
  } catch (error) {
    if (error instanceof HdfsFileError && error.code === 'ENOTDIR') return false
    throw error
  }
}

/** Rejects with EACCES or ENOENT unless the user may do what `mode` (fs.constants R_OK, W_OK, X_OK) says. */
export async function access(
  namenode: NamenodeProxy,
  path: string,
  mode: number = constants.F_OK,
  options?: CallOptions,
): Promise<void> {
  const wanted =
    (mode & constants.R_OK ? FsActionProto.READ : 0) |
    (mode & constants.W_OK ? FsActionProto.WRITE : 0) |
    (mode & constants.X_OK ? FsActionProto.EXECUTE : 0)
  if (wanted === 0) {
    const found = await fileInfo(namenode, path, 'access', options)
    if (found === undefined) throw new HdfsFileError('ENOENT', 'access', { path })
    return
  }
  try {
    await namenode.call('checkAccess', { path, mode: wanted }, options)
  } catch (error) {
    throwFileError(error, 'access', path)
  }
}

/** Sets the permission bits; rwx for three, and the sticky bit. */
export async function chmod(
  namenode: NamenodeProxy,
  path: string,
  mode: number | string,
  options?: CallOptions,
): Promise<void> {
  const perm = parseMode(mode)
  try {
    await namenode.call('setPermission', { src: path, permission: { perm } }, options)
  } catch (error) {
    throwFileError(error, 'chmod', path)
  }
}

/** A mode as Node takes it: a number, or octal digits. */
export function parseMode(mode: number | string): number {
  const value =
    typeof mode === 'number' ? mode : /^[0-7]+$/.test(mode) ? Number.parseInt(mode, 8) : Number.NaN
  if (Number.isInteger(value) && value >= 0) return value & 0o1777
  throw new RangeError(`use the mode ${JSON.stringify(mode)}: octal digits up to 1777 are allowed`)
}

/** Sets owner and group by name; undefined leaves one as it is. */
export async function chown(
  namenode: NamenodeProxy,
  path: string,
  owner: string | undefined,
  group: string | undefined,
  options?: CallOptions,
): Promise<void> {
  try {
    await namenode.call('setOwner', { src: path, username: owner, groupname: group }, options)
  } catch (error) {
    throwFileError(error, 'chown', path)
  }
}

/** A time as Node's utimes takes it: seconds since 1970, a Date, or undefined to leave it as it is. */
export type TimeLike = number | string | Date | bigint

/** Sets the times of last access and change; undefined leaves one as it is. */
export async function utimes(
  namenode: NamenodeProxy,
  path: string,
  times: { atime: TimeLike | undefined; mtime: TimeLike | undefined },
  options?: CallOptions,
): Promise<void> {
  const request = { src: path, mtime: milliseconds(times.mtime), atime: milliseconds(times.atime) }
  try {
    await namenode.call('setTimes', request, options)
  } catch (error) {
    throwFileError(error, 'utime', path)
  }
}

function milliseconds(time: TimeLike | undefined): bigint {
  if (time === undefined) return unchanged
  const value = time instanceof Date ? time.getTime() : Math.round(Number(time) * 1000)
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  throw new RangeError(`use the time ${String(time)}: a Date or seconds since 1970 are allowed`)
}

/** Sets how many copies of each block are wanted; EISDIR for directories. */
export async function setReplication(
  namenode: NamenodeProxy,
  path: string,
  replication: number,
  options?: CallOptions,
): Promise<void> {
  let result: boolean
  try {
    result = (await namenode.call('setReplication', { src: path, replication }, options)).result
  } catch (error) {
    throwFileError(error, 'setReplication', path)
  }
  if (result) return
  const found = await fileInfo(namenode, path, 'setReplication', options)
  throw new HdfsFileError(found?.isDirectory() ? 'EISDIR' : 'ENOENT', 'setReplication', { path })
}
