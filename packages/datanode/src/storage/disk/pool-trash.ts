// What a rolling upgrade leaves in a block pool's directory, as Java's `BlockPoolSliceStorage`:
//
//     BP-…/RollingUpgradeInProgress    marker, while the NameNode says that the upgrade goes on
//     BP-…/trash/finalized/subdirX/…   deleted blocks, under the path that they had below `current`
//     BP-…/previous                    what was there before an upgrade with its own layout: then there is no trash
//
// The trash is emptied when the upgrade is finalized. A start with `rollback` puts it back.
import {
  existsSync,
  mkdirSync,
  promises,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { parseBlockPoolVersion } from '@cairn/hdfs-storage'
import type { Logger } from '../../logger.ts'
import type { PoolIdentity, ReplicaName } from '../volume.ts'
import type { BlockPaths } from './block-paths.ts'
import { StorageIdentityError } from './storage-identity.ts'

const trash = 'trash'
const marker = 'RollingUpgradeInProgress'
const previous = 'previous'

/** Whether deleted blocks may go to the trash: not where `previous` keeps them anyway. */
export function isTrashAllowed(poolDirectory: string): boolean {
  return !existsSync(join(poolDirectory, previous))
}

/** Moves a replica's two files to the trash; one that is not there is passed over. */
export function moveToTrash(paths: BlockPaths, name: ReplicaName): void {
  const folder = dirname(paths.data(name))
  const target = join(paths.poolDirectory, trash, relative(paths.currentDirectory, folder))
  mkdirSync(target, { recursive: true })
  // Data first: a data file alone would be taken for a replica without checksums.
  for (const path of [paths.data(name), paths.meta(name)]) {
    try {
      renameSync(path, join(target, basename(path)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/** Sets or takes away the marker of a rolling upgrade. */
export function markRollingUpgrade(poolDirectory: string, inProgress: boolean): void {
  const path = join(poolDirectory, marker)
  if (!inProgress) rmSync(path, { force: true })
  else if (!existsSync(path)) writeFileSync(path, '')
}

/** Deletes what is in the trash for good. */
export async function clearTrash(poolDirectory: string): Promise<void> {
  await promises.rm(join(poolDirectory, trash), { recursive: true, force: true })
}

/** Drops what an upgrade kept from before it; what a kill leaves of that goes at the next start. */
export async function dropPrevious(poolDirectory: string): Promise<void> {
  const doomed = join(poolDirectory, 'finalized.tmp')
  try {
    await promises.rename(join(poolDirectory, previous), doomed)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await promises.rm(doomed, { recursive: true, force: true })
}

/** Before the replicas are looked for: makes the pool what it was before the upgrade. */
export function rollBackPool(paths: BlockPaths, pool: PoolIdentity, logger: Logger): void {
  const { poolDirectory, currentDirectory } = paths
  const before = join(poolDirectory, previous)
  if (!existsSync(before)) {
    const restored = restoreTrash(poolDirectory)
    logger.info({ poolDirectory, restored }, 'put back what was deleted since the rolling upgrade began')
    return
  }
  const version = parseBlockPoolVersion(readFileSync(join(before, 'VERSION'), 'latin1'))
  if (version.namespaceID !== pool.namespaceId || BigInt(version.cTime) > pool.cTime) {
    throw new StorageIdentityError(
      `roll back ${poolDirectory}: found namespace ${version.namespaceID} of ${version.cTime} in ${previous}; ` +
        `the NameNode has ${pool.namespaceId} of ${pool.cTime}`,
    )
  }
  const removed = join(poolDirectory, 'removed.tmp')
  renameSync(currentDirectory, removed)
  renameSync(before, currentDirectory)
  rmSync(removed, { recursive: true, force: true })
  logger.info({ poolDirectory }, 'put back what was there before the upgrade')
}

/** Puts the trash back in its places; returns how many files. A file that is there and not shorter stays. */
export function restoreTrash(poolDirectory: string): number {
  const root = join(poolDirectory, trash)
  if (!existsSync(root)) return 0
  let restored = 0
  const restore = (folder: string): void => {
    const home = join(poolDirectory, 'current', relative(root, folder))
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        restore(path)
        continue
      }
      mkdirSync(home, { recursive: true })
      const target = join(home, entry.name)
      const present = statSync(target, { throwIfNoEntry: false })
      if (present && present.size >= statSync(path).size) continue
      renameSync(path, target)
      restored++
    }
  }
  restore(root)
  rmSync(root, { recursive: true, force: true })
  return restored
}
