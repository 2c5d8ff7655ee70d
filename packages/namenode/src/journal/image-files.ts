import { createHash } from 'node:crypto'
import {
  formatCheckpointFileName,
  formatImageFileName,
  formatMd5File,
  parseMd5File,
} from '@cairn/hdfs-storage'
import {
  readPieces,
  readSmallFile,
  replaceSmallFile,
  type StorageFileSystem,
  writeAll,
} from './storage-file-system.ts'

const md5FileBytesMax = 4096

/**
 * Puts an image in place: written under its checkpoint name and synced, then its digest, then renamed
 * ([edits.checkpoint.2]). Whatever happens in between, the name `fsimage_<txid>` never stands for half an image. Returns
 * the image's bytes.
 */
export async function writeImageFile(
  fileSystem: StorageFileSystem,
  directory: string,
  txid: number,
  pieces: Iterable<Uint8Array>,
): Promise<number> {
  const checkpoint = `${directory}/${formatCheckpointFileName(txid)}`
  const name = formatImageFileName(txid)
  const hash = createHash('md5')
  await fileSystem.remove(checkpoint)
  const file = await fileSystem.open(checkpoint, 'create')
  let position = 0
  try {
    for (const piece of pieces) {
      hash.update(piece)
      await writeAll(file, piece, position)
      position += piece.length
    }
    await file.dataSync()
  } finally {
    await file.close()
  }
  await replaceSmallFile(fileSystem, directory, `${name}.md5`, formatMd5File(hash.digest('hex'), name))
  await fileSystem.rename(checkpoint, `${directory}/${name}`)
  await fileSystem.syncDirectory(directory)
  return position
}

/** What is wrong with an image's bytes, or undefined where they are what their digest says; without one it is no image ([image.file.5]). */
export async function findImageDamage(
  fileSystem: StorageFileSystem,
  directory: string,
  txid: number,
): Promise<string | undefined> {
  const name = formatImageFileName(txid)
  const text = await readSmallFile(fileSystem, `${directory}/${name}.md5`, md5FileBytesMax)
  if (text === undefined) return `no ${name}.md5`
  const expected = parseMd5File(text)
  if (expected === undefined) return `a ${name}.md5 that holds no digest`
  if (expected.fileName !== name) return `a digest of ${expected.fileName} in ${name}.md5`
  const hash = createHash('md5')
  const path = `${directory}/${name}`
  const size = (await fileSystem.size(path)) ?? 0
  const file = await fileSystem.open(path, 'read')
  try {
    for await (const piece of readPieces(file, 0, size)) hash.update(piece)
  } finally {
    await file.close()
  }
  const actual = hash.digest('hex')
  return actual === expected.digest ? undefined : `digest ${actual} where ${name}.md5 says ${expected.digest}`
}
