import { parseNameNodeFileName } from '@cairn/hdfs-storage'
import type { StorageFileSystem } from './storage-file-system.ts'

/** A segment of the edit log; `lastTxid` is known of finished ones only. */
export interface SegmentFile {
  readonly name: string
  readonly firstTxid: number
  readonly lastTxid: number | undefined
}

/** What lies in `<dir>/current`, by what it is for. */
export interface StorageInventory {
  /** Transactions of the images, newest first. */
  readonly images: readonly number[]
  /** In the order of their first transactions; a finished segment before one in progress with the same start. */
  readonly segments: readonly SegmentFile[]
  /** Files that an interrupted checkpoint or replacement left. */
  readonly leftovers: readonly string[]
  readonly hasVersion: boolean
}

/** Looks at the names in `<dir>/current`; contents are not read. */
export async function listStorage(
  fileSystem: StorageFileSystem,
  directory: string,
): Promise<StorageInventory> {
  const images: number[] = []
  const segments: SegmentFile[] = []
  const leftovers: string[] = []
  const digests: { name: string; txid: number }[] = []
  const names = await fileSystem.list(directory)
  for (const name of names) {
    const parsed = parseNameNodeFileName(name)
    if (parsed?.kind === 'image') images.push(parsed.txid)
    else if (parsed?.kind === 'image-md5') digests.push({ name, txid: parsed.txid })
    else if (parsed?.kind === 'segment')
      segments.push({ name, firstTxid: parsed.firstTxid, lastTxid: parsed.lastTxid })
    else if (parsed?.kind === 'segment-in-progress') {
      segments.push({ name, firstTxid: parsed.firstTxid, lastTxid: undefined })
    } else if (parsed?.kind === 'checkpoint' || name.endsWith('.tmp')) leftovers.push(name)
  }
  // A digest is put in place before its image: alone, it is what a crash between the two left.
  for (const { name, txid } of digests) if (!images.includes(txid)) leftovers.push(name)
  images.sort((a, b) => b - a)
  segments.sort((a, b) => a.firstTxid - b.firstTxid || (a.lastTxid ?? Infinity) - (b.lastTxid ?? Infinity))
  return { images, segments, leftovers, hasVersion: names.includes('VERSION') }
}
