import { HdfsFileStatusProto_FileType as FileType, type HdfsFileStatusProto } from '@cairn/hadoop-proto'
import type { HdfsClient, Stats } from '@cairn/hdfs-client'
import type { DirectoryPage, ListedEntry } from './browse-page.ts'

/** Entries of one page. */
const pageEntries = 500

const utf8 = new TextDecoder()

/**
 * One page of a directory, from the entry after `after` on: one getListing, however many entries there are.
 * Undefined where there is no such directory; rejects with the NameNode's exception.
 */
export async function readDirectoryPage(
  client: HdfsClient,
  path: string,
  after: string | undefined,
): Promise<DirectoryPage | undefined> {
  const startAfter = new TextEncoder().encode(after ?? '')
  const { dirList } = await client.call('getListing', { src: path, startAfter, needLocation: false })
  if (dirList === undefined) return undefined
  const all = dirList.partialListing
  const entries = all.slice(0, pageEntries).map(entryOfStatus)
  const remaining = dirList.remainingEntries + all.length - entries.length
  return { path, entries, remaining, next: remaining === 0 ? undefined : entries.at(-1)?.name }
}

function entryOfStatus(status: HdfsFileStatusProto): ListedEntry {
  const { fileType } = status
  return {
    name: utf8.decode(status.path),
    kind: fileType === FileType.IS_DIR ? 'directory' : fileType === FileType.IS_SYMLINK ? 'symlink' : 'file',
    size: Number(status.length),
    mode: status.permission.perm & 0o1777,
    owner: status.owner,
    group: status.group,
    replication: status.block_replication ?? 0,
    blockSize: Number(status.blocksize ?? 0n),
    mtimeMs: Number(status.modification_time),
  }
}

/** What a page shows of the client's `Stats`. */
export function listedEntry(name: string, stats: Stats): ListedEntry {
  return {
    name,
    kind: stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'symlink' : 'file',
    size: stats.size,
    mode: stats.mode & 0o1777,
    owner: stats.owner,
    group: stats.group,
    replication: stats.replication,
    blockSize: stats.blockSize,
    mtimeMs: stats.mtimeMs,
  }
}
