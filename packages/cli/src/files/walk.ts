import type { HdfsClient } from '@cairn/hdfs-client'
import { type Entry, readEntries } from './entry.ts'

/** What to do about a directory that cannot be listed. */
export type OnListError = (directory: Entry, error: unknown) => void

/**
 * The entry and everything under it, directories before what is in them, names in the NameNode's order. One
 * directory's entries are in memory at a time per level. A directory that cannot be listed goes to `onError`.
 */
export async function* walk(client: HdfsClient, entry: Entry, onError: OnListError): AsyncGenerator<Entry> {
  yield entry
  if (entry.kind !== 'directory') return
  let children: Entry[]
  try {
    children = await readEntries(client, entry.target)
  } catch (error) {
    onError(entry, error)
    return
  }
  for (const child of children) yield* walk(client, child, onError)
}
