// A block pool of before an upgrade of the NameNode, or in an older layout, as Java's `BlockPoolSliceStorage.doUpgrade`
// ([disk.upgrade.2]):
//
//     current ──renamed──▶ previous.tmp ──▶ new current: links to the same files in today's folders, then VERSION
//             ──▶ previous.tmp renamed to previous, which stays until the NameNode finalizes, or is rolled back to
//
// A kill in the middle is seen at the next start: with a VERSION file the new `current` is whole, without it the old
// one comes back.
import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  promises,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { formatBlockFileName, formatMetaFileName, parseReplicaFileName } from '@cairn/hdfs-storage'
import type { BlockPaths } from './block-paths.ts'
import { StorageLayoutError } from './storage-identity.ts'

const filesAtOnce = 256

/** Ends what a kill left of an upgrade, of its finalization or of a rollback. */
export function recoverTransition(paths: BlockPaths): void {
  const { poolDirectory, currentDirectory } = paths
  const whole = existsSync(join(currentDirectory, 'VERSION'))
  const inPool = (name: string): string => join(poolDirectory, name)
  if (existsSync(inPool('previous.tmp'))) {
    if (whole && existsSync(inPool('previous'))) {
      throw new StorageLayoutError(
        `use block pool in ${poolDirectory}: found both previous and previous.tmp, which no upgrade leaves; remove the one that is not wanted`,
      )
    }
    if (!whole) rmSync(currentDirectory, { recursive: true, force: true })
    renameSync(inPool('previous.tmp'), whole ? inPool('previous') : currentDirectory)
  }
  if (existsSync(inPool('removed.tmp'))) {
    if (existsSync(join(currentDirectory, 'VERSION'))) rmSync(inPool('removed.tmp'), { recursive: true })
    else renameSync(inPool('removed.tmp'), currentDirectory)
  }
  rmSync(inPool('finalized.tmp'), { recursive: true, force: true })
}

/** Makes a new `current` with the same blocks and has `writeVersion` complete it; the old one becomes `previous`. */
export async function upgradePool(paths: BlockPaths, writeVersion: () => void): Promise<void> {
  const previous = join(paths.poolDirectory, 'previous')
  const temporary = `${previous}.tmp`
  rmSync(previous, { recursive: true, force: true })
  renameSync(paths.currentDirectory, temporary)
  for (const place of ['finalized', 'rbw'] as const)
    mkdirSync(paths.placeDirectory(place), { recursive: true })
  const made = new Set<string>()
  await eachFile(join(temporary, 'finalized'), (path, name) => linkFinalized(paths, made, path, name))
  // These are written to in place: links would change what is kept for a rollback.
  await eachFile(join(temporary, 'rbw'), (path, name) =>
    copyFileSync(path, join(paths.placeDirectory('rbw'), name), constants.COPYFILE_FICLONE),
  )
  writeVersion()
  renameSync(temporary, previous)
}

function linkFinalized(paths: BlockPaths, made: Set<string>, path: string, name: string): void {
  const parsed = parseReplicaFileName(name)
  if (!parsed) return
  const folder = paths.directory('finalized', parsed.blockId)
  if (!made.has(folder)) {
    mkdirSync(folder, { recursive: true })
    made.add(folder)
  }
  const file =
    parsed.kind === 'block'
      ? formatBlockFileName(parsed.blockId)
      : formatMetaFileName(parsed.blockId, parsed.generationStamp)
  linkSync(path, join(folder, file))
}

/** Calls for every file below a folder, however deep: layouts differ in nothing but that. */
async function eachFile(folder: string, visit: (path: string, name: string) => void): Promise<void> {
  if (!existsSync(folder)) return
  let visited = 0
  for (const entry of await promises.readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await eachFile(path, visit)
    else visit(path, entry.name)
    if (++visited % filesAtOnce === 0) await setImmediate()
  }
}
