// What `current/BP-…` says about itself, and what must be put right before its blocks are looked at.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type BlockPoolVersion,
  dataNodeLayoutVersion,
  formatBlockPoolVersion,
  olderDataNodeLayoutVersions,
  parseBlockPoolVersion,
} from '@cairn/hdfs-storage'
import type { Logger } from '../../logger.ts'
import type { PoolIdentity } from '../volume.ts'
import { BlockPaths } from './block-paths.ts'
import { recoverTransition, upgradePool } from './pool-upgrade.ts'
import { checkSame, readVersion, StorageIdentityError } from './storage-identity.ts'
import { writeFileDurably } from './write-file-durably.ts'

/**
 * How much the pool takes, as Java's DataNode leaves it when it stops well. It believes that for some minutes at its
 * next start, when it may be wrong after ours has been at work ([disk.cache.1]).
 */
const javaUsedFile = 'dfsUsed'

/**
 * Gives a pool that is new on a volume its VERSION file, or checks the one it has. A pool of before an upgrade of the
 * NameNode, or in an older layout, is upgraded.
 */
export async function preparePool(
  volumePath: string,
  pool: PoolIdentity,
  nowMs: number,
  logger: Logger,
): Promise<void> {
  const paths = new BlockPaths(volumePath, pool.blockPoolId)
  recoverTransition(paths)
  const versionPath = join(paths.currentDirectory, 'VERSION')
  const writeVersion = (): void => {
    mkdirSync(dirname(versionPath), { recursive: true })
    const version = {
      namespaceID: pool.namespaceId,
      cTime: Number(pool.cTime),
      blockpoolID: pool.blockPoolId,
      layoutVersion: dataNodeLayoutVersion,
    }
    writeFileDurably(versionPath, formatBlockPoolVersion(version, nowMs))
  }
  if (!existsSync(versionPath)) {
    writeVersion()
  } else {
    const found = checkVersion(versionPath, volumePath, pool)
    if (found.layoutVersion !== dataNodeLayoutVersion || BigInt(found.cTime) < pool.cTime) {
      const from = { layoutVersion: found.layoutVersion, cTime: found.cTime }
      logger.info({ blockPoolId: pool.blockPoolId, volume: volumePath, from }, 'upgrades a block pool')
      await upgradePool(paths, writeVersion)
    }
  }
  rmSync(join(paths.currentDirectory, javaUsedFile), { force: true })
}

function checkVersion(versionPath: string, volumePath: string, pool: PoolIdentity): BlockPoolVersion {
  const version = readVersion(versionPath, (text) => parseBlockPoolVersion(text, olderDataNodeLayoutVersions))
  checkSame('blockpoolID', volumePath, version.blockpoolID, pool.blockPoolId)
  checkSame('namespaceID', volumePath, String(version.namespaceID), String(pool.namespaceId))
  if (BigInt(version.cTime) > pool.cTime) {
    throw new StorageIdentityError(
      `use block pool ${pool.blockPoolId} in ${volumePath}: found cTime ${version.cTime}, newer than the NameNode's ${pool.cTime}: the NameNode was rolled back, and this DataNode must be started with rollback too`,
    )
  }
  return version
}
