import type { HdfsClient, Stats } from '@cairn/hdfs-client'
import { childOf, type Target } from '../paths/target.ts'

/** What an entry is. */
export type EntryKind = 'file' | 'directory' | 'symlink'

/** A file or directory on HDFS with everything that the NameNode says about it. */
export interface Entry {
  readonly target: Target
  readonly kind: EntryKind
  /** Bytes of a file; 0 for the rest. */
  readonly size: number
  /** Permission bits, without the type. */
  readonly mode: number
  readonly owner: string
  readonly group: string
  /** Replicas wanted; 0 for directories. */
  readonly replication: number
  /** Bytes of a block; 0 for directories. */
  readonly blockSize: number
  readonly mtimeMs: number
  /** 0 for directories. */
  readonly atimeMs: number
  /** Name of the erasure coding policy; '' where blocks are replicated. */
  readonly erasureCodingPolicy: string
  /** True when there are ACL entries beyond the mode. */
  readonly hasAcl: boolean
}

/** Makes an entry of the client's `Stats`. */
export function entryOf(target: Target, stats: Stats): Entry {
  const kind = stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'symlink' : 'file'
  return {
    target,
    kind,
    size: kind === 'file' ? stats.size : 0,
    mode: stats.mode & 0o1777,
    owner: stats.owner,
    group: stats.group,
    replication: kind === 'file' ? stats.replication : 0,
    blockSize: kind === 'file' ? stats.blockSize : 0,
    mtimeMs: stats.mtimeMs,
    atimeMs: stats.atimeMs,
    erasureCodingPolicy: stats.erasureCodingPolicy ?? '',
    hasAcl: stats.hasAcl,
  }
}

/** The entry that a target names. Rejects with the client's error, `ENOENT` among them. */
export async function statEntry(client: HdfsClient, target: Target): Promise<Entry> {
  return entryOf(target, await client.stat(target.path))
}

/** The entry, or undefined where there is none. */
export async function findEntry(client: HdfsClient, target: Target): Promise<Entry | undefined> {
  try {
    return await statEntry(client, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Every entry of a directory, page by page, in the order of the NameNode: by the bytes of the names. */
export async function* listEntries(client: HdfsClient, directory: Target): AsyncGenerator<Entry> {
  for await (const dirent of await client.opendir(directory.path)) {
    yield entryOf(childOf(directory, dirent.name), dirent.stats)
  }
}

/** Every entry of a directory at once. */
export async function readEntries(client: HdfsClient, directory: Target): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of listEntries(client, directory)) entries.push(entry)
  return entries
}

/** An entry as `--json` shows it; times are ISO 8601. */
export function entryJson(entry: Entry): Record<string, unknown> {
  return {
    path: entry.target.path,
    type: entry.kind,
    size: entry.size,
    mode: (entry.mode & 0o1777).toString(8).padStart(3, '0'),
    owner: entry.owner,
    group: entry.group,
    replication: entry.replication,
    blockSize: entry.blockSize,
    modified: new Date(entry.mtimeMs).toISOString(),
    accessed: entry.kind === 'file' ? new Date(entry.atimeMs).toISOString() : null,
    ...(entry.erasureCodingPolicy === '' ? {} : { erasureCodingPolicy: entry.erasureCodingPolicy }),
  }
}
