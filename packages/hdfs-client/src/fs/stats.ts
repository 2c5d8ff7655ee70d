import type { HdfsFileStatusProto } from '@cairn/hadoop-proto'
import { HdfsFileStatusProto_FileType as FileType } from '@cairn/hadoop-proto'
import { erasureCodingPolicyName } from './erasure-coding.ts'

const typeBits = { directory: 0o040000, file: 0o100000, symlink: 0o120000 } as const
/** Permission bits that HDFS keeps: rwx for three, and the sticky bit. */
const permissionBits = 0o1777
/** Bits of HdfsFileStatusProto.flags (HdfsFileStatusProto.Flags). */
const flagBits = { hasAcl: 1, hasCrypt: 2, hasErasureCoding: 4, snapshotEnabled: 8 } as const

const utf8 = new TextDecoder()

/** What `stat` tells: shaped like `fs.Stats`, with HDFS's own fields; from one HdfsFileStatusProto. */
export class Stats {
  readonly #status: HdfsFileStatusProto
  /** Length in bytes; 0 for directories. */
  readonly size: number
  /** Type and permission bits, as in `fs.Stats`. */
  readonly mode: number
  /** Name of the owner. */
  readonly owner: string
  /** Name of the group. */
  readonly group: string
  /** Last change, in milliseconds. */
  readonly mtimeMs: number
  /** Last access, in milliseconds; HDFS updates it once an hour at most. */
  readonly atimeMs: number

  constructor(status: HdfsFileStatusProto, size = Number(status.length)) {
    this.#status = status
    this.size = size
    this.mode = bitsOfType(status.fileType) | (status.permission.perm & permissionBits)
    this.owner = status.owner
    this.group = status.group
    this.mtimeMs = Number(status.modification_time)
    this.atimeMs = Number(status.access_time)
  }

  isFile(): boolean {
    return this.#status.fileType === FileType.IS_FILE
  }
  isDirectory(): boolean {
    return this.#status.fileType === FileType.IS_DIR
  }
  isSymbolicLink(): boolean {
    return this.#status.fileType === FileType.IS_SYMLINK
  }
  isBlockDevice(): boolean {
    return false
  }
  isCharacterDevice(): boolean {
    return false
  }
  isFIFO(): boolean {
    return false
  }
  isSocket(): boolean {
    return false
  }

  get mtime(): Date {
    return new Date(this.mtimeMs)
  }
  get atime(): Date {
    return new Date(this.atimeMs)
  }
  /** Bytes per block of this file; 0 for directories. */
  get blockSize(): number {
    return Number(this.#status.blocksize ?? 0n)
  }
  /** Copies of each block that are wanted; 0 for directories. */
  get replication(): number {
    return this.#status.block_replication ?? 0
  }
  /** The inode's id in its namespace. */
  get fileId(): bigint {
    return this.#status.fileId ?? 0n
  }
  /** How many entries a directory has; undefined when the NameNode does not say. */
  get childrenCount(): number | undefined {
    const count = this.#status.childrenNum
    return count === undefined || count < 0 ? undefined : count
  }
  /** Id of the storage policy; 0 when none is set. */
  get storagePolicyId(): number {
    return this.#status.storagePolicy ?? 0
  }
  /** Name of the erasure coding policy; undefined for replicated files. */
  get erasureCodingPolicy(): string | undefined {
    const policy = this.#status.ecPolicy
    return policy && erasureCodingPolicyName(policy)
  }
  /** True for files that an encryption zone encrypts. */
  get encrypted(): boolean {
    return this.#status.fileEncryptionInfo !== undefined || this.#hasFlag(flagBits.hasCrypt)
  }
  /** True when there are ACL entries beyond the mode. */
  get hasAcl(): boolean {
    // Before Hadoop 3 the flag travelled as bit 12 of the permission (FsPermissionExtension).
    return this.#hasFlag(flagBits.hasAcl) || (this.#status.permission.perm & 0x1000) !== 0
  }
  /** What a symbolic link points to; undefined for others. */
  get symlinkTarget(): string | undefined {
    const target = this.#status.symlink
    return target?.length ? utf8.decode(target) : undefined
  }

  #hasFlag(bit: number): boolean {
    return ((this.#status.flags ?? 0) & bit) !== 0
  }
}

function bitsOfType(fileType: number): number {
  if (fileType === FileType.IS_DIR) return typeBits.directory
  return fileType === FileType.IS_SYMLINK ? typeBits.symlink : typeBits.file
}

/** The name that a listing's entry carries: the last part of the path, in UTF-8. */
export function entryName(status: HdfsFileStatusProto): string {
  return utf8.decode(status.path)
}
