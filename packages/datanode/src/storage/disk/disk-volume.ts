import { existsSync, mkdirSync, readFileSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  dataNodeLayoutVersion,
  formatBlockPoolVersion,
  formatDataNodeVersion,
  parseBlockPoolVersion,
  parseDataNodeVersion,
} from '@cairn/hdfs-storage'
import type { Logger } from '../../logger.ts'
import type { PoolIdentity, PoolSlice, Volume, VolumeSpace } from '../volume.ts'
import { BlockPaths } from './block-paths.ts'
import { DiskPoolSlice } from './disk-pool-slice.ts'
import { lockDirectory } from './lock-file.ts'
import { writeFileDurably } from './write-file-durably.ts'

/** A storage directory that belongs to something else than what this DataNode was told to join. */
export class StorageIdentityError extends Error {
  override readonly name = 'StorageIdentityError'
  readonly code = 'ERR_DN_STORAGE_IDENTITY'
}

export interface DiskVolumeOptions {
  readonly path: string
  readonly storageType: number
  /** Bytes left to others; Java's `dfs.datanode.du.reserved`. */
  readonly duReservedBytes: number
  readonly logger: Logger
  readonly now: () => number
  /** For a directory that has no VERSION file yet. */
  readonly newStorageId: () => string
}

/** What `current/VERSION` of a directory says, if it has one. */
export interface VolumeIdentity {
  readonly storageId: string
  readonly clusterId: string
  readonly datanodeUuid: string
}

/** One storage directory: `in_use.lock`, `current/VERSION`, `current/BP-…`. */
export class DiskVolume implements Volume {
  readonly storageType: number
  readonly path: string
  storageId: string
  reservedBytes = 0
  #identity: VolumeIdentity | undefined
  readonly #options: DiskVolumeOptions
  readonly #unlock: () => void
  readonly #slices: DiskPoolSlice[] = []

  /** Locks the directory, which is made if it is not there, and reads its identity. */
  constructor(options: DiskVolumeOptions) {
    this.#options = options
    this.path = options.path
    this.storageType = options.storageType
    mkdirSync(options.path, { recursive: true })
    this.#unlock = lockDirectory(options.path)
    try {
      this.#identity = this.#readIdentity()
    } catch (error) {
      this.#unlock()
      throw error
    }
    this.storageId = this.#identity?.storageId ?? options.newStorageId()
  }

  /** Undefined for a directory that was never formatted. */
  get identity(): VolumeIdentity | undefined {
    return this.#identity
  }

  get #versionPath(): string {
    return join(this.path, 'current', 'VERSION')
  }

  #readIdentity(): VolumeIdentity | undefined {
    if (!existsSync(this.#versionPath)) return undefined
    const version = parseDataNodeVersion(readFileSync(this.#versionPath, 'latin1'))
    return { storageId: version.storageID, clusterId: version.clusterID, datanodeUuid: version.datanodeUuid }
  }

  /** Gives a fresh directory its identity, or checks the one it has. */
  format(clusterId: string, datanodeUuid: string): void {
    const present = this.#identity
    if (present) {
      checkSame('clusterID', this.path, present.clusterId, clusterId)
      checkSame('datanodeUuid', this.path, present.datanodeUuid, datanodeUuid)
      return
    }
    mkdirSync(dirname(this.#versionPath), { recursive: true })
    const version = {
      storageID: this.storageId,
      clusterID: clusterId,
      cTime: 0,
      datanodeUuid,
      layoutVersion: dataNodeLayoutVersion,
    }
    writeFileDurably(this.#versionPath, formatDataNodeVersion(version, this.#options.now()))
    this.#identity = { storageId: this.storageId, clusterId, datanodeUuid }
  }

  async openPool(pool: PoolIdentity): Promise<PoolSlice> {
    const present = this.#slices.find((slice) => slice.blockPoolId === pool.blockPoolId)
    if (present) return present
    const versionPath = join(new BlockPaths(this.path, pool.blockPoolId).currentDirectory, 'VERSION')
    if (existsSync(versionPath)) {
      const version = parseBlockPoolVersion(readFileSync(versionPath, 'latin1'))
      checkSame('blockpoolID', this.path, version.blockpoolID, pool.blockPoolId)
      checkSame('namespaceID', this.path, String(version.namespaceID), String(pool.namespaceId))
    } else {
      mkdirSync(dirname(versionPath), { recursive: true })
      const version = {
        namespaceID: pool.namespaceId,
        cTime: Number(pool.cTime),
        blockpoolID: pool.blockPoolId,
        layoutVersion: dataNodeLayoutVersion,
      }
      writeFileDurably(versionPath, formatBlockPoolVersion(version, this.#options.now()))
    }
    const slice = new DiskPoolSlice(this, pool.blockPoolId, this.#options.logger)
    this.#slices.push(slice)
    return slice
  }

  space(): VolumeSpace {
    const { bsize, blocks, bfree, bavail } = statfsSync(this.path)
    const dfsUsed = this.#slices.reduce((sum, slice) => sum + slice.usedBytes, 0)
    const reserved = this.#options.duReservedBytes
    const capacity = Math.max(0, blocks * bsize - reserved)
    const used = (blocks - bfree) * bsize
    const nonDfsUsed = Math.max(0, used - dfsUsed - reserved)
    const remaining = Math.max(
      0,
      Math.min(capacity - dfsUsed, bavail * bsize - reserved) - this.reservedBytes,
    )
    return { capacity, dfsUsed, remaining, nonDfsUsed }
  }

  async close(): Promise<void> {
    this.#slices.length = 0
    this.#unlock()
  }
}

function checkSame(field: string, path: string, found: string, wanted: string): void {
  if (found === wanted) return
  throw new StorageIdentityError(
    `use storage directory ${path}: found ${field} ${found}; the NameNode's cluster has ${wanted}`,
  )
}
