import type { CallOptions, NamenodeProxy } from '../namenode/namenode-proxy.ts'
import { pause } from '../pause.ts'
import { HdfsFileError, throwFileError } from './file-error.ts'
import { fileInfo } from './metadata.ts'
import { parentPath } from './path.ts'
import type { Stats } from './stats.ts'

/** Options of mkdir. */
export interface MkdirOptions extends CallOptions {
  /** Makes missing parents, and does not mind when the directory exists. Default false. */
  recursive?: boolean | undefined
  /** Permission bits before the umask. Default 0o777. */
  mode?: number | undefined
}

/** Makes a directory; the result is the first directory made, undefined when it existed (recursive only). */
export async function mkdir(
  namenode: NamenodeProxy,
  path: string,
  permission: { masked: number; unmasked: number },
  options: MkdirOptions,
): Promise<string | undefined> {
  const recursive = options.recursive === true
  const found = await fileInfo(namenode, path, 'mkdir', options)
  if (found !== undefined) {
    if (recursive && found.isDirectory()) return undefined
    throw new HdfsFileError('EEXIST', 'mkdir', { path })
  }
  const first = recursive ? await firstMissing(namenode, path, options) : path
  try {
    await namenode.call(
      'mkdirs',
      {
        src: path,
        masked: { perm: permission.masked },
        createParent: recursive,
        unmasked: { perm: permission.unmasked },
      },
      options,
    )
  } catch (error) {
    throwFileError(error, 'mkdir', path)
  }
  return recursive ? first : undefined
}

async function firstMissing(namenode: NamenodeProxy, path: string, options: CallOptions): Promise<string> {
  let missing = path
  for (let above = parentPath(path); above !== '/'; above = parentPath(above)) {
    if ((await fileInfo(namenode, above, 'mkdir', options)) !== undefined) break
    missing = above
  }
  return missing
}

/** Options of rename. */
export interface RenameOptions extends CallOptions {
  /** Replaces a file or an empty directory at the new path, as POSIX does. Default true. */
  overwrite?: boolean | undefined
}

/** Moves a file or directory, in one step. ENOTSUP for what Hadoop 1 would have to replace: it cannot in one step. */
export async function rename(
  namenode: NamenodeProxy,
  from: string,
  to: string,
  options: RenameOptions,
): Promise<void> {
  if (from === to) {
    const found = await fileInfo(namenode, from, 'rename', options)
    if (found === undefined) throw new HdfsFileError('ENOENT', 'rename', { path: from, dest: to })
    return
  }
  try {
    await namenode.call(
      'rename2',
      { src: from, dst: to, overwriteDest: options.overwrite !== false },
      options,
    )
  } catch (error) {
    throwFileError(error, 'rename', from, to)
  }
}

/** Options of rm. */
export interface RmOptions extends CallOptions {
  /** Removes directories with everything in them. Default false. */
  recursive?: boolean | undefined
  /** Does not mind when there is nothing at the path. Default false. */
  force?: boolean | undefined
}

/** Removes a file, or with `recursive` anything. */
export async function rm(namenode: NamenodeProxy, path: string, options: RmOptions): Promise<void> {
  if (options.recursive !== true) {
    const found = await fileInfo(namenode, path, 'rm', options)
    if (found === undefined && options.force === true) return
    refuse(found, 'rm', path, { directories: false })
  }
  const removed = await remove(namenode, path, 'rm', options)
  if (!removed && options.force !== true) {
    const dest = path === '/' ? 'EPERM' : 'ENOENT'
    throw new HdfsFileError(dest, 'rm', { path })
  }
}

/** Removes a file; EISDIR for directories, unlike `delete` of HDFS. */
export async function unlink(namenode: NamenodeProxy, path: string, options?: CallOptions): Promise<void> {
  refuse(await fileInfo(namenode, path, 'unlink', options), 'unlink', path, { directories: false })
  const removed = await remove(namenode, path, 'unlink', { ...options, recursive: false })
  if (!removed) throw new HdfsFileError('ENOENT', 'unlink', { path })
}

/** Removes an empty directory; ENOTDIR for files. */
export async function rmdir(namenode: NamenodeProxy, path: string, options?: CallOptions): Promise<void> {
  refuse(await fileInfo(namenode, path, 'rmdir', options), 'rmdir', path, { directories: true })
  const removed = await remove(namenode, path, 'rmdir', { ...options, recursive: false })
  if (!removed) throw new HdfsFileError(path === '/' ? 'EPERM' : 'ENOENT', 'rmdir', { path })
}

function refuse(
  found: Stats | undefined,
  syscall: string,
  path: string,
  wanted: { directories: boolean },
): void {
  if (found === undefined) throw new HdfsFileError('ENOENT', syscall, { path })
  if (found.isDirectory() === wanted.directories) return
  throw new HdfsFileError(wanted.directories ? 'ENOTDIR' : 'EISDIR', syscall, { path })
}

async function remove(
  namenode: NamenodeProxy,
  path: string,
  syscall: string,
  options: RmOptions,
): Promise<boolean> {
  try {
    const request = { src: path, recursive: options.recursive === true }
    return (await namenode.call('delete', request, options)).result
  } catch (error) {
    throwFileError(error, syscall, path)
  }
}

/** How long truncate waits for the last block's recovery. */
const truncateWaitMs = 60_000

/**
 * Cuts a closed file to `length` bytes. When the cut falls inside a block, DataNodes shorten it and this waits until
 * they are done. HDFS cannot make a file longer: EINVAL.
 */
export async function truncate(
  namenode: NamenodeProxy,
  path: string,
  length: number,
  options: CallOptions & { clientName: string },
): Promise<void> {
  try {
    const request = { src: path, newLength: BigInt(length), clientName: options.clientName }
    const done = (await namenode.call('truncate', request, options)).result
    if (!done) await untilClosed(namenode, path, options)
  } catch (error) {
    throwFileError(error, 'truncate', path)
  }
}

async function untilClosed(namenode: NamenodeProxy, path: string, options: CallOptions): Promise<void> {
  const giveUpAt = performance.now() + truncateWaitMs
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 500)) {
    if ((await namenode.call('isFileClosed', { src: path }, options)).result) return
    if (performance.now() > giveUpAt) {
      const detail = `the last block's recovery was not over after ${truncateWaitMs / 1000} s`
      throw new HdfsFileError('ETIMEDOUT', 'truncate', { path, detail })
    }
    await pause(waitMs, options.signal)
  }
}

/** Moves the blocks of `sources` to the end of `target`, in this order, and removes the sources. */
export async function concat(
  namenode: NamenodeProxy,
  target: string,
  sources: readonly string[],
  options?: CallOptions,
): Promise<void> {
  try {
    await namenode.call('concat', { trg: target, srcs: [...sources] }, options)
  } catch (error) {
    throwFileError(error, 'concat', target)
  }
}
