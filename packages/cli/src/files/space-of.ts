import type { HdfsClient } from '@cairn/hdfs-client'

/** What a path and everything below it take. */
export interface Space {
  readonly directories: number
  readonly files: number
  /** Bytes of content. */
  readonly bytes: number
  /** Bytes with all replicas. */
  readonly diskBytes: number
  /** Names allowed; undefined where there is no quota. */
  readonly quota: number | undefined
  /** Bytes allowed, all replicas counted; undefined where there is no quota. */
  readonly spaceQuota: number | undefined
}

/** Adds up a path on the NameNode; with `withoutSnapshots` less what only snapshots hold. */
export async function spaceOf(
  client: HdfsClient,
  path: string,
  withoutSnapshots: boolean,
  signal: AbortSignal,
): Promise<Space> {
  const summary = await client.contentSummary(path, { signal })
  const { quota, spaceQuota } = summary
  const all: Space = {
    directories: summary.directoryCount,
    files: summary.fileCount,
    bytes: summary.length,
    diskBytes: summary.spaceConsumed,
    quota: quota < 0 ? undefined : quota,
    spaceQuota: spaceQuota < 0 ? undefined : spaceQuota,
  }
  if (!withoutSnapshots) return all
  const held = (await client.call('getContentSummary', { path }, { signal })).summary
  return {
    ...all,
    directories: all.directories - Number(held.snapshotDirectoryCount ?? 0n),
    files: all.files - Number(held.snapshotFileCount ?? 0n),
    bytes: all.bytes - Number(held.snapshotLength ?? 0n),
    diskBytes: all.diskBytes - Number(held.snapshotSpaceConsumed ?? 0n),
  }
}
