import type { ContentSummary, HdfsClient } from '@cairn/hdfs-client'

/** What a path and everything below it take. */
export interface Space {
  readonly directories: number
  readonly files: number
  /** Bytes of content. */
  readonly bytes: number
  /** Bytes with all replicas. */
  readonly diskBytes: number
}

/** Adds up a path on the NameNode; with `withoutSnapshots` less what only snapshots hold. */
export async function spaceOf(
  client: HdfsClient,
  path: string,
  withoutSnapshots: boolean,
  signal: AbortSignal,
): Promise<Space> {
  return spaceIn(await client.contentSummary(path, { signal }), withoutSnapshots)
}

/** What a summary says is there. */
export function spaceIn(summary: ContentSummary, withoutSnapshots: boolean): Space {
  const held = withoutSnapshots ? heldBySnapshots(summary) : nothing
  return {
    directories: summary.directoryCount - held.directories,
    files: summary.fileCount - held.files,
    bytes: summary.length - held.bytes,
    diskBytes: summary.spaceConsumed - held.diskBytes,
  }
}

const nothing: Space = { directories: 0, files: 0, bytes: 0, diskBytes: 0 }

/** What of a summary only snapshots hold. */
export function heldBySnapshots(summary: ContentSummary): Space {
  return {
    directories: summary.snapshotDirectoryCount,
    files: summary.snapshotFileCount,
    bytes: summary.snapshotLength,
    diskBytes: summary.snapshotSpaceConsumed,
  }
}
