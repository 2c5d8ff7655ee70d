/**
 * An image of everything up to a transaction, made from the newest image and the finished segments behind it, not
 * from the namespace in use: so it needs no pause, cannot see a change half made, and proves that what is on disk
 * can be replayed ([edits.checkpoint.1] to [edits.checkpoint.3]). It costs a second namespace in memory while it runs.
 */

import { formatImageFileName } from '@cairn/hdfs-storage'
import type { Logger } from '../logger.ts'
import type { NamespaceIdentity } from '../namespace/namespace.ts'
import { writeImageFile } from './image-files.ts'
import { imagePieces } from './image-saver.ts'
import { recoverInto } from './recover-into.ts'
import type { StorageFileSystem } from './storage-file-system.ts'
import { listStorage } from './storage-inventory.ts'

/** Images that are kept: the newest, and one to fall back to. */
export const imagesKept = 2

/** Options of `writeCheckpoint`. */
export interface CheckpointOptions {
  readonly fileSystem: StorageFileSystem
  /** `<dir>/current`. */
  readonly directory: string
  readonly identity: NamespaceIdentity
  /** Last transaction of the image; it ends a finished segment. */
  readonly txid: number
  readonly logger: Logger
}

/** Writes the image and removes what it makes superfluous. Returns the image's bytes. */
export async function writeCheckpoint(options: CheckpointOptions): Promise<number> {
  const { fileSystem, directory, txid } = options
  const { namespace, carry } = await recoverInto({ ...options, toTxid: txid })
  const bytes = await writeImageFile(fileSystem, directory, txid, imagePieces(namespace, txid, carry))
  await purgeStorage(fileSystem, directory)
  return bytes
}

/** Keeps the newest images and every segment that the oldest of them needs; removes the rest. */
export async function purgeStorage(fileSystem: StorageFileSystem, directory: string): Promise<void> {
  const { images, segments } = await listStorage(fileSystem, directory)
  const oldestKept = images.slice(0, imagesKept).at(-1)
  if (oldestKept === undefined || images.length < imagesKept) return
  for (const { name, lastTxid } of segments) {
    if (lastTxid !== undefined && lastTxid <= oldestKept) await fileSystem.remove(`${directory}/${name}`)
  }
  for (const txid of images.slice(imagesKept)) {
    await fileSystem.remove(`${directory}/${formatImageFileName(txid)}`)
    await fileSystem.remove(`${directory}/${formatImageFileName(txid)}.md5`)
  }
  await fileSystem.syncDirectory(directory)
}
