import { chmodSync, existsSync, mkdirSync, promises, type Stats, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDirectories } from '@cairn/hadoop-conf'
import {
  dataNodeLayoutVersion,
  formatDataNodeVersion,
  olderDataNodeLayoutVersions,
  parseDataNodeVersion,
} from '@cairn/hdfs-storage'
import type { Logger } from '../../logger.ts'
import { type ReservedSpace, reservedBytes } from '../reserved-space.ts'
import type { PoolIdentity, PoolSlice, Volume, VolumeSpace } from '../volume.ts'
import { BlockPaths } from './block-paths.ts'
import type { DiskLatencies } from './disk-latencies.ts'
import { DiskPoolSlice } from './disk-pool-slice.ts'
import { lockDirectory } from './lock-file.ts'
import { rollBackPool } from './pool-trash.ts'
import { preparePool } from './pool-version.ts'
import { checkSame, readVersion } from './storage-identity.ts'
import { writeFileDurably } from './write-file-durably.ts'

export interface DiskVolumeOptions {
  readonly path: string
  readonly storageType: number
  readonly reserved: ReservedSpace
  /** `dfs.datanode.data.dir.perm`: who may look into the directory. Default 0o700: nobody else. */
  readonly permissions?: number | undefined
  /** Undoes a rolling upgrade, or an upgrade that was not finalized; Java's start option `-rollback`. */
  readonly rollback?: boolean | undefined
  readonly logger: Logger
  readonly now: () => number
  /** Times file I/O; undefined where nobody wants to know. */
  readonly latencies?: DiskLatencies | undefined
  /** For a directory that has no VERSION file yet. */
  readonly newStorageId: () => string
  /** Told of what the system refuses on this volume: the disk may have failed. */
  readonly failed: (volume: Volume, error: unknown) => void
}

const permissionsDefault = 0o700

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
  /** Its VERSION file names an older layout. */
  #outdated = false
  readonly #options: DiskVolumeOptions
  readonly #unlock: () => void
  readonly #slices: DiskPoolSlice[] = []
  /** The directory as it was at the start: another one in its place is another disk, or none. */
  #root: Stats
  readonly #failed: (error: unknown) => void
  #space: VolumeSpace = { capacity: 0, dfsUsed: 0, remaining: 0, nonDfsUsed: 0, reserved: 0 }

  /** Locks the directory, which is made if it is not there, and reads its identity. */
  constructor(options: DiskVolumeOptions) {
    this.#options = options
    this.#failed = (error) => options.failed(this, error)
    this.path = options.path
    this.storageType = options.storageType
    makeDirectories(options.path)
    this.#restrict(options.permissions ?? permissionsDefault)
    this.#unlock = lockDirectory(options.path)
    try {
      this.#root = statSync(options.path)
      this.#identity = this.#readIdentity()
    } catch (error) {
      this.#unlock()
      throw error
    }
    this.storageId = this.#identity?.storageId ?? options.newStorageId()
  }

  /** Blocks are everybody's data: the files themselves are as open as the process makes them. */
  #restrict(permissions: number): void {
    const { path, logger } = this.#options
    if ((statSync(path).mode & 0o777) === permissions) return
    try {
      chmodSync(path, permissions)
    } catch (error) {
      const wanted = permissions.toString(8)
      logger.warn(
        { path, wanted, error: (error as Error).message },
        'could not set who may look into a directory',
      )
    }
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
    const parse = (text: string) => parseDataNodeVersion(text, olderDataNodeLayoutVersions)
    const version = readVersion(this.#versionPath, parse)
    this.#outdated = version.layoutVersion !== dataNodeLayoutVersion
    return { storageId: version.storageID, clusterId: version.clusterID, datanodeUuid: version.datanodeUuid }
  }

  /** Gives a fresh directory its identity, or checks the one it has. */
  format(clusterId: string, datanodeUuid: string): void {
    const present = this.#identity
    if (present) {
      checkSame('clusterID', this.path, present.clusterId, clusterId)
      checkSame('datanodeUuid', this.path, present.datanodeUuid, datanodeUuid, 'this DataNode')
      // The volume's own file says nothing of blocks: each pool is upgraded by itself.
      if (!this.#outdated) return
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
    this.#outdated = false
  }

  async openPool(pool: PoolIdentity): Promise<PoolSlice> {
    const present = this.#slices.find((slice) => slice.blockPoolId === pool.blockPoolId)
    if (present) return present
    if (this.#options.rollback) this.#rollBack(pool)
    await preparePool(this.path, pool, this.#options.now(), this.#options.logger)
    const slice = new DiskPoolSlice(
      this,
      pool.blockPoolId,
      this.#options.logger,
      this.#failed,
      this.#options.latencies,
    )
    this.#slices.push(slice)
    return slice
  }

  #rollBack(pool: PoolIdentity): void {
    const paths = new BlockPaths(this.path, pool.blockPoolId)
    if (existsSync(paths.currentDirectory)) rollBackPool(paths, pool, this.#options.logger)
  }

  space(): VolumeSpace {
    try {
      this.#checkRoot(statSync(this.path))
      const { bsize, blocks, bfree, bavail } = statfsSync(this.path)
      this.#space = this.#spaceOf(blocks * bsize, bfree * bsize, bavail * bsize)
    } catch (error) {
      this.#failed(error)
    }
    return this.#space
  }

  /** As Java's `FsVolumeImpl` counts: what others use already of what is left to them is not taken off twice. */
  #spaceOf(size: number, free: number, available: number): VolumeSpace {
    const dfsUsed = this.#slices.reduce((sum, slice) => sum + slice.usedBytes, 0)
    const reserved = reservedBytes(this.#options.reserved, this, size)
    const capacity = Math.max(0, size - reserved)
    const usedByOthers = size - free - dfsUsed
    const left = available - Math.max(0, reserved - usedByOthers)
    const remaining = Math.max(0, Math.min(capacity - dfsUsed, left) - this.reservedBytes)
    return { capacity, dfsUsed, remaining, nonDfsUsed: Math.max(0, usedByOthers - reserved), reserved }
  }

  /** A disk that was unmounted or moved away leaves a directory that is not ours, or none. */
  #checkRoot(found: Stats): void {
    if (found.isDirectory() && found.dev === this.#root.dev && found.ino === this.#root.ino) return
    const error: NodeJS.ErrnoException = new Error(
      `check ${this.path}: found another directory than at the start; its disk is gone`,
    )
    error.code = 'ENODEV'
    throw error
  }

  async check(): Promise<void> {
    const root = await promises.stat(this.path)
    if (this.#identity) {
      const text = await promises.readFile(this.#versionPath, 'latin1')
      const { storageID } = parseDataNodeVersion(text, olderDataNodeLayoutVersions)
      checkSame('storageID', this.path, storageID, this.storageId, 'this volume')
    } else {
      this.#checkRoot(root)
    }
    for (const slice of this.#slices) await slice.check()
    // Some file systems give a directory another number; that it is ours has just been seen.
    this.#root = root
  }

  closePool(blockPoolId: string): void {
    const at = this.#slices.findIndex((slice) => slice.blockPoolId === blockPoolId)
    if (at >= 0) this.#slices.splice(at, 1)
  }

  async close(): Promise<void> {
    this.#slices.length = 0
    this.#unlock()
  }
}
