// What `current/BP-…` says about itself, and what must be put right before its blocks are looked at.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dataNodeLayoutVersion, formatBlockPoolVersion, parseBlockPoolVersion } from '@cairn/hdfs-storage'
import type { PoolIdentity } from '../volume.ts'
import { BlockPaths } from './block-paths.ts'
import { checkSame, readVersion, StorageIdentityError, StorageLayoutError } from './storage-identity.ts'
import { writeFileDurably } from './write-file-durably.ts'

/**
 * How much the pool takes, as Java's DataNode leaves it when it stops well. It believes that for some minutes at its
 * next start, when it may be wrong after ours has been at work.
 */
const javaUsedFile = 'dfsUsed'

/** Gives a pool that is new on a volume its VERSION file, or checks the one it has. */
export function preparePool(volumePath: string, pool: PoolIdentity, nowMs: number): void {
  const { poolDirectory, currentDirectory } = new BlockPaths(volumePath, pool.blockPoolId)
  checkTransition(poolDirectory)
  const versionPath = join(currentDirectory, 'VERSION')
  if (existsSync(versionPath)) {
    checkVersion(versionPath, volumePath, pool)
  } else {
    mkdirSync(dirname(versionPath), { recursive: true })
    const version = {
      namespaceID: pool.namespaceId,
      cTime: Number(pool.cTime),
      blockpoolID: pool.blockPoolId,
      layoutVersion: dataNodeLayoutVersion,
    }
    writeFileDurably(versionPath, formatBlockPoolVersion(version, nowMs))
  }
  rmSync(join(currentDirectory, javaUsedFile), { force: true })
}

function checkVersion(versionPath: string, volumePath: string, pool: PoolIdentity): void {
  const version = readVersion(versionPath, parseBlockPoolVersion)
  checkSame('blockpoolID', volumePath, version.blockpoolID, pool.blockPoolId)
  checkSame('namespaceID', volumePath, String(version.namespaceID), String(pool.namespaceId))
  if (BigInt(version.cTime) > pool.cTime) {
    throw new StorageIdentityError(
      `use block pool ${pool.blockPoolId} in ${volumePath}: found cTime ${version.cTime}, newer than the NameNode's ${pool.cTime}: the NameNode was rolled back; start a Java DataNode with -rollback`,
    )
  }
}

/** An upgrade, rollback or finalization by Java's DataNode that broke off half way is for Java's to end. */
function checkTransition(poolDirectory: string): void {
  for (const name of ['previous.tmp', 'removed.tmp']) {
    const path = join(poolDirectory, name)
    if (!existsSync(path)) continue
    throw new StorageLayoutError(
      `use block pool in ${poolDirectory}: found ${name}, a change of layout that broke off; start the DataNode that began it once more to let it end`,
    )
  }
  // The finalization of an upgrade: nothing but the rest of the deletion is missing.
  rmSync(join(poolDirectory, 'finalized.tmp'), { recursive: true, force: true })
}
