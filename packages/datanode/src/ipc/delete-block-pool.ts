// What is left on disk of a block pool whose NameNodes are gone, as `FsDatasetImpl.deleteBlockPool`.
import { promises } from 'node:fs'
import { join } from 'node:path'
import { RemoteException } from '@cairn/hadoop-ipc'
import { javaExceptions } from '@cairn/hdfs-protocol'
import { BlockPaths } from '../storage/disk/block-paths.ts'
import { DiskVolume } from '../storage/disk/disk-volume.ts'
import type { Volume } from '../storage/volume.ts'

/** Names come from the network and become paths. */
const poolName = /^BP-[0-9]+-[0-9a-fA-F.:]+-[0-9]+$/

export interface DeleteBlockPoolOptions {
  readonly blockPoolId: string
  /** With blocks in it, too. */
  readonly force: boolean
  readonly volumes: readonly Volume[]
  /** Whether a NameNode rules the pool here. */
  readonly running: boolean
}

/** Removes the pool's folders; throws when it is in use, or has blocks and `force` is not given. */
export async function deleteBlockPool(options: DeleteBlockPoolOptions): Promise<void> {
  const { blockPoolId, force, volumes, running } = options
  if (running) {
    throw refusal(
      'The block pool is still running. First do a refreshNamenodes to shutdown the block pool service',
    )
  }
  if (!poolName.test(blockPoolId))
    throw refusal(`delete block pool ${blockPoolId}: this is no block pool's name`)
  const folders = volumes
    .filter((volume) => volume instanceof DiskVolume)
    .map((volume) => new BlockPaths(volume.path, blockPoolId))
  if (!force) {
    for (const paths of folders) {
      for (const place of ['finalized', 'rbw'] as const) {
        if (await hasFiles(paths.placeDirectory(place)))
          throw refusal(`Cannot Delete Block Pool: ${blockPoolId} It contains some block files`)
      }
    }
  }
  for (const { poolDirectory } of folders) await promises.rm(poolDirectory, { recursive: true, force: true })
}

async function hasFiles(folder: string): Promise<boolean> {
  const entries = await promises.readdir(folder, { withFileTypes: true }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })
  for (const entry of entries) {
    if (!entry.isDirectory() || (await hasFiles(join(folder, entry.name)))) return true
  }
  return false
}

function refusal(message: string): RemoteException {
  return new RemoteException(javaExceptions.IOException, message)
}
