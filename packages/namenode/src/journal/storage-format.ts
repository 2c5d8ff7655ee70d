/** A new storage directory: identity, first image, and VERSION last, which makes it one. */
import { randomInt, randomUUID } from 'node:crypto'
import {
  formatNameNodeVersion,
  nameNodeLayoutVersion,
  parseNameNodeVersion,
  seenTxidFileName,
  versionFileName,
} from '@cairn/hdfs-storage'
import type { Namespace, NamespaceIdentity } from '../namespace/namespace.ts'
import { emptyImageCarry } from './image-carry.ts'
import { writeImageFile } from './image-files.ts'
import { imagePieces } from './image-saver.ts'
import { StorageError } from './storage-error.ts'
import { readSmallFile, replaceSmallFile, type StorageFileSystem } from './storage-file-system.ts'
import { listStorage } from './storage-inventory.ts'

const versionBytesMax = 64 * 1024
const two31 = 2 ** 31

/** Identity of a namespace that begins at `timeMs` on a NameNode at `host`. */
export function newNamespaceIdentity(host: string, timeMs: number): NamespaceIdentity {
  return {
    namespaceId: randomInt(1, two31),
    clusterId: `CID-${randomUUID()}`,
    blockPoolId: `BP-${randomInt(1, two31)}-${host}-${timeMs}`,
    cTime: timeMs,
  }
}

/** Reads the identity in `<dir>/current/VERSION`; undefined in a directory that was never formatted. */
export async function readIdentity(
  fileSystem: StorageFileSystem,
  directory: string,
): Promise<NamespaceIdentity | undefined> {
  const path = `${directory}/${versionFileName}`
  const text = await readSmallFile(fileSystem, path, versionBytesMax)
  if (text === undefined) {
    const { images, segments } = await listStorage(fileSystem, directory)
    if (segments.length > 0 || images.some((txid) => txid > 0)) {
      throw new StorageError(
        'ERR_NAMENODE_STORAGE_FORMAT',
        `read ${path}: found images or segments but no VERSION; restore it from a copy of the directory, or choose another directory`,
      )
    }
    return undefined
  }
  try {
    const version = parseNameNodeVersion(text)
    return {
      namespaceId: version.namespaceID,
      clusterId: version.clusterID,
      blockPoolId: version.blockpoolID,
      cTime: version.cTime,
    }
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new StorageError('ERR_NAMENODE_STORAGE_FORMAT', `read ${path}: found a bad file (${found})`, cause)
  }
}

/** Writes a fresh namespace into `<dir>/current`. Until VERSION is there, last, the directory counts as never formatted ([edits.file.2]). */
export async function formatStorage(
  fileSystem: StorageFileSystem,
  directory: string,
  namespace: Namespace,
  timeMs: number,
): Promise<void> {
  const { identity } = namespace
  await fileSystem.makeDirectory(directory)
  await writeImageFile(fileSystem, directory, 0, imagePieces(namespace, 0, emptyImageCarry))
  await replaceSmallFile(fileSystem, directory, seenTxidFileName, '0\n')
  const version = {
    namespaceID: identity.namespaceId,
    clusterID: identity.clusterId,
    cTime: identity.cTime,
    blockpoolID: identity.blockPoolId,
    layoutVersion: nameNodeLayoutVersion,
  }
  await replaceSmallFile(fileSystem, directory, versionFileName, formatNameNodeVersion(version, timeMs))
}
