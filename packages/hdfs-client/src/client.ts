import type { Buffer } from 'node:buffer'
import { type ClientContext, createContext } from './client-context.ts'
import type { FileHandle } from './file/file-handle.ts'
import { type OpenOptions, openFile } from './file/open-file.ts'
import type { FileData } from './file/transfer.ts'
import {
  appendFile,
  type ReadFileOptions,
  readFile,
  type WriteFileOptions,
  writeFile,
} from './file/whole-file.ts'
import { type FileChecksum, type FileChecksumOptions, fileChecksum } from './fs/checksum.ts'
import {
  type BlockLocation,
  blockLocations,
  type FsStats,
  fsStats,
  isInSafeMode,
  recoverLease,
  type ServerDefaultsInfo,
  serverDefaultsInfo,
} from './fs/cluster-info.ts'
import { type ContentSummary, contentSummary, type QuotaUsage, quotaUsage } from './fs/content-summary.ts'
import { type CopyFileOptions, copyFile } from './fs/copy-file.ts'
import { type Dir, opendir } from './fs/dir.ts'
import type { Dirent } from './fs/dirent.ts'
import { type ReaddirOptions, readEntries, readNames } from './fs/listing.ts'
import * as metadata from './fs/metadata.ts'
import * as namespace from './fs/namespace.ts'
import { normalizePath, type PathLike } from './fs/path.ts'
import type { Stats } from './fs/stats.ts'
import {
  type BlockRange,
  type BlockWriteOptions,
  type LocatedBlock,
  readBlock,
  writeBlock,
} from './low-level/block.ts'
import type { ClientProtocolMethod, RequestOf, ResponseOf } from './low-level/call.ts'
import type { CallOptions } from './namenode/namenode-proxy.ts'
import type { NamenodeTarget } from './namenode/target.ts'
import type { ClientSettings } from './settings.ts'

/**
 * One HDFS cluster, shaped like `node:fs/promises`. Paths are absolute (`/a/b`) or name this cluster
 * (`hdfs://authority/a/b`). File errors are HdfsFileError with Node's codes; NamenodeError says that no NameNode
 * answered. Every method takes `signal` and `timeoutMs` in its options.
 */
export class HdfsClient {
  readonly #context: ClientContext
  readonly #target: NamenodeTarget

  /** Made by `connect`. */
  constructor(target: NamenodeTarget, settings: ClientSettings, clientName: string) {
    this.#target = target
    this.#context = createContext(target, settings, clientName)
  }

  /** `hdfs://host:port` or `hdfs://nameservice`, without a final slash. */
  get url(): string {
    return `hdfs://${this.#target.authority}`
  }
  /** The user that requests are made as. */
  get user(): string {
    return this.#context.settings.user
  }
  /** The version of Hadoop RPC that the NameNode speaks: 9 today, 4 in Hadoop 1; undefined until it has answered. */
  get rpcVersion(): number | undefined {
    const { namenode, rpc } = this.#context
    return rpc.generationOf(namenode.active)?.version
  }
  /** `host:port` of the NameNode that gets the next request. */
  get namenodeAddress(): string {
    return this.#context.namenode.activeAddress
  }

  /** Opens a file: flags r, r+ (read and truncate), w, wx, a, ax. */
  open(path: PathLike, flags = 'r', options: OpenOptions = {}): Promise<FileHandle> {
    return openFile(this.#context, this.#path(path), flags, options)
  }
  /** The file's bytes, or its text when `encoding` is given. */
  readFile(
    path: PathLike,
    options: (ReadFileOptions & { encoding: BufferEncoding }) | BufferEncoding,
  ): Promise<string>
  readFile(path: PathLike, options?: ReadFileOptions & { encoding?: undefined }): Promise<Buffer>
  readFile(path: PathLike, options?: ReadFileOptions | BufferEncoding): Promise<Buffer | string> {
    return readFile(
      this.#context,
      this.#path(path),
      typeof options === 'string' ? { encoding: options } : options,
    )
  }
  /** Writes a whole file; replaces one that exists unless `flag` is wx. */
  writeFile(path: PathLike, data: FileData, options?: WriteFileOptions | BufferEncoding): Promise<void> {
    return writeFile(
      this.#context,
      this.#path(path),
      data,
      typeof options === 'string' ? { encoding: options } : options,
    )
  }
  /** Writes at the end of a file, which is created when there is none. */
  appendFile(path: PathLike, data: FileData, options?: WriteFileOptions | BufferEncoding): Promise<void> {
    return appendFile(
      this.#context,
      this.#path(path),
      data,
      typeof options === 'string' ? { encoding: options } : options,
    )
  }
  /** Copies a file through this client; EEXIST with `exclusive` (or COPYFILE_EXCL) when the target exists. */
  copyFile(from: PathLike, to: PathLike, options?: CopyFileOptions | number): Promise<void> {
    return copyFile(this.#context, this.#path(from), this.#path(to), options)
  }

  /** The file's status; ENOENT when there is none. */
  stat(path: PathLike, options?: CallOptions): Promise<Stats> {
    return metadata.stat(this.#context.namenode, this.#path(path), options)
  }
  /** The status of a symbolic link itself. */
  lstat(path: PathLike, options?: CallOptions): Promise<Stats> {
    return metadata.lstat(this.#context.namenode, this.#path(path), options)
  }
  exists(path: PathLike, options?: CallOptions): Promise<boolean> {
    return metadata.exists(this.#context.namenode, this.#path(path), options)
  }
  /** Rejects unless the user may do what `mode` says (fs.constants F_OK, R_OK, W_OK, X_OK). */
  access(path: PathLike, mode?: number, options?: CallOptions): Promise<void> {
    return metadata.access(this.#context.namenode, this.#path(path), mode, options)
  }
  chmod(path: PathLike, mode: number | string, options?: CallOptions): Promise<void> {
    return metadata.chmod(this.#context.namenode, this.#path(path), mode, options)
  }
  /** Sets owner and group by name; undefined leaves one as it is. */
  chown(path: PathLike, owner: string | undefined, group?: string, options?: CallOptions): Promise<void> {
    return metadata.chown(this.#context.namenode, this.#path(path), owner, group, options)
  }
  /** Sets times (seconds or Dates); undefined leaves one as it is. */
  utimes(
    path: PathLike,
    atime: metadata.TimeLike | undefined,
    mtime: metadata.TimeLike | undefined,
    options?: CallOptions,
  ): Promise<void> {
    return metadata.utimes(this.#context.namenode, this.#path(path), { atime, mtime }, options)
  }
  /** Sets how many copies of each block of a file are wanted. */
  setReplication(path: PathLike, replication: number, options?: CallOptions): Promise<void> {
    return metadata.setReplication(this.#context.namenode, this.#path(path), replication, options)
  }

  /** Makes a directory; with `recursive` the result is the first one made. */
  mkdir(path: PathLike, options: namespace.MkdirOptions = {}): Promise<string | undefined> {
    const unmasked = options.mode ?? 0o777
    const masked = unmasked & ~this.#context.settings.umask
    return namespace.mkdir(this.#context.namenode, this.#path(path), { masked, unmasked }, options)
  }
  /** Moves a file or directory in one step; replaces a file or empty directory unless `overwrite` is false. */
  rename(from: PathLike, to: PathLike, options: namespace.RenameOptions = {}): Promise<void> {
    return namespace.rename(this.#context.namenode, this.#path(from), this.#path(to), options)
  }
  /** Removes a file; with `recursive` a directory and all below. */
  rm(path: PathLike, options: namespace.RmOptions = {}): Promise<void> {
    return namespace.rm(this.#context.namenode, this.#path(path), options)
  }
  rmdir(path: PathLike, options?: CallOptions): Promise<void> {
    return namespace.rmdir(this.#context.namenode, this.#path(path), options)
  }
  unlink(path: PathLike, options?: CallOptions): Promise<void> {
    return namespace.unlink(this.#context.namenode, this.#path(path), options)
  }
  /** Cuts a closed file; HDFS cannot make one longer (EINVAL). */
  truncate(path: PathLike, length = 0, options: CallOptions = {}): Promise<void> {
    const { clientName } = this.#context.leases
    return namespace.truncate(this.#context.namenode, this.#path(path), length, { ...options, clientName })
  }
  /** Moves the blocks of `sources` to the end of `target` and removes the sources. */
  concat(target: PathLike, sources: readonly PathLike[], options?: CallOptions): Promise<void> {
    const paths = sources.map((source) => this.#path(source))
    return namespace.concat(this.#context.namenode, this.#path(target), paths, options)
  }

  /** Names in a directory, or Dirent objects, in the NameNode's order: by their bytes. */
  readdir(path: PathLike, options: ReaddirOptions & { withFileTypes: true }): Promise<Dirent[]>
  readdir(path: PathLike, options?: ReaddirOptions & { withFileTypes?: false | undefined }): Promise<string[]>
  readdir(path: PathLike, options: ReaddirOptions = {}): Promise<string[] | Dirent[]> {
    const read = options.withFileTypes === true ? readEntries : readNames
    return read(this.#context.namenode, this.#path(path), options)
  }
  /** A directory to be read page by page. */
  opendir(path: PathLike, options?: CallOptions): Promise<Dir> {
    return opendir(this.#context.namenode, this.#path(path), options)
  }

  /** Where the blocks of a byte range are; default the whole file. */
  blockLocations(
    path: PathLike,
    options: CallOptions & { start?: number; length?: number } = {},
  ): Promise<BlockLocation[]> {
    const range = { start: options.start ?? 0, length: options.length ?? Number.MAX_SAFE_INTEGER }
    return blockLocations(this.#context.namenode, this.#path(path), range, options)
  }
  /** MD5-of-MD5-of-CRC (Hadoop's default), or COMPOSITE-CRC, which does not depend on block sizes. */
  checksum(path: PathLike, options?: FileChecksumOptions): Promise<FileChecksum> {
    return fileChecksum(this.#context, this.#path(path), options)
  }
  contentSummary(path: PathLike, options?: CallOptions): Promise<ContentSummary> {
    return contentSummary(this.#context.namenode, this.#path(path), options)
  }
  /** Quotas of a path and what counts against them; cheaper than `contentSummary`. */
  quotaUsage(
    path: PathLike,
    options?: CallOptions,
  ): Promise<QuotaUsage & { readonly fileAndDirectoryCount: number }> {
    return quotaUsage(this.#context.namenode, this.#path(path), options)
  }
  fsStats(options?: CallOptions): Promise<FsStats> {
    return fsStats(this.#context.namenode, options)
  }
  /** The NameNode's defaults for new files; asked for once an hour. */
  async serverDefaults(options?: CallOptions): Promise<ServerDefaultsInfo> {
    return serverDefaultsInfo(await this.#context.serverDefaults.read(options))
  }
  /** True while the NameNode refuses changes. */
  isInSafeMode(options?: CallOptions): Promise<boolean> {
    return isInSafeMode(this.#context.namenode, options)
  }
  /** Takes over a file whose writer is gone; true when it is closed, false while that is under way. */
  recoverLease(path: PathLike, options: CallOptions = {}): Promise<boolean> {
    const { clientName } = this.#context.leases
    return recoverLease(this.#context.namenode, this.#path(path), { ...options, clientName })
  }

  /** Low level: any ClientProtocol method by name; rejects with RemoteException, not with file errors. */
  call<M extends ClientProtocolMethod>(
    method: M,
    request: RequestOf<M>,
    options?: CallOptions,
  ): Promise<ResponseOf<M>> {
    return this.#context.namenode.call(method, request, options)
  }
  /** Low level: bytes of one block, from the DataNodes that its LocatedBlock names. */
  readBlock(block: LocatedBlock, range?: BlockRange): Promise<Buffer> {
    return readBlock(this.#context, block, range)
  }
  /** Low level: writes one block that addBlock gave, through the pipeline that its LocatedBlock names. */
  writeBlock(block: LocatedBlock, data: Uint8Array, options?: BlockWriteOptions): Promise<void> {
    return writeBlock(this.#context, block, data, options)
  }

  /** Closes connections and timers; files still open for writing are given up. Idempotent. */
  close(): Promise<void> {
    return this.#context.close()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #path(path: PathLike): string {
    return normalizePath(path, this.#target.authority)
  }
}
