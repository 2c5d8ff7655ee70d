import type { Logger } from '../logger.ts'
import { DiskVolume, StorageIdentityError } from './disk/disk-volume.ts'
import { MemoryVolume } from './memory/memory-volume.ts'
import { ReplicaStore } from './replica-store.ts'
import type { PoolIdentity, Volume } from './volume.ts'

/** Numbers of `StorageTypeProto`, as they may stand in brackets before a directory. */
const storageTypes: Readonly<Record<string, number>> = {
  DISK: 1,
  SSD: 2,
  ARCHIVE: 3,
  RAM_DISK: 4,
  PROVIDED: 5,
  NVDIMM: 6,
}

export interface DataStorageOptions {
  /** Directories, each optionally with its storage type as in Hadoop's configuration: `[SSD]/data/1`. */
  readonly dirs: readonly string[]
  /** Instead of directories: keep blocks in memory, up to so many bytes. */
  readonly memoryBytes?: number | undefined
  readonly duReservedBytes: number
  readonly logger: Logger
  readonly now: () => number
  /** A random UUID. */
  readonly newUuid: () => string
}

/** All storage directories of one DataNode, locked, and the block pools in them. */
export class DataStorage {
  readonly volumes: readonly Volume[]
  readonly #disks: readonly DiskVolume[]
  readonly #logger: Logger
  readonly #newUuid: () => string
  readonly #pools = new Map<string, ReplicaStore>()
  #datanodeUuid: string | undefined

  constructor(options: DataStorageOptions) {
    this.#logger = options.logger
    this.#newUuid = options.newUuid
    if (options.memoryBytes !== undefined) {
      this.#disks = []
      const storageId = `DS-${options.newUuid()}`
      this.volumes = [new MemoryVolume({ storageId, capacity: options.memoryBytes })]
      return
    }
    if (options.dirs.length === 0)
      throw new TypeError('start a DataNode: found no storage directory; give at least one')
    const disks: DiskVolume[] = []
    try {
      for (const dir of options.dirs) disks.push(openVolume(dir, options))
      this.#datanodeUuid = commonUuid(disks)
    } catch (error) {
      for (const disk of disks) void disk.close()
      throw error
    }
    this.#disks = disks
    this.volumes = disks
  }

  /** Who this DataNode is; made up when no directory says, and written down with the first pool. */
  get datanodeUuid(): string {
    this.#datanodeUuid ??= this.#newUuid()
    return this.#datanodeUuid
  }

  /** The replicas of a pool; the directories are formatted or checked first. */
  async openPool(pool: PoolIdentity): Promise<ReplicaStore> {
    const present = this.#pools.get(pool.blockPoolId)
    if (present) return present
    for (const disk of this.#disks) disk.format(pool.clusterId, this.datanodeUuid)
    const store = await ReplicaStore.open(pool, this.volumes, this.#logger)
    this.#pools.set(pool.blockPoolId, store)
    return store
  }

  pool(blockPoolId: string): ReplicaStore | undefined {
    return this.#pools.get(blockPoolId)
  }

  pools(): IterableIterator<ReplicaStore> {
    return this.#pools.values()
  }

  async close(): Promise<void> {
    for (const pool of this.#pools.values()) pool.close()
    this.#pools.clear()
    await Promise.all(this.volumes.map((volume) => volume.close()))
  }
}

function openVolume(dir: string, options: DataStorageOptions): DiskVolume {
  const match = /^\[(\w+)\](.*)$/.exec(dir)
  const typeName = match?.[1]?.toUpperCase() ?? 'DISK'
  const storageType = storageTypes[typeName]
  if (storageType === undefined) {
    throw new TypeError(
      `open storage directory ${dir}: found type ${typeName}; ${Object.keys(storageTypes).join(', ')} are allowed`,
    )
  }
  return new DiskVolume({
    path: (match?.[2] ?? dir).replace(/^file:\/\//, ''),
    storageType,
    duReservedBytes: options.duReservedBytes,
    logger: options.logger,
    now: options.now,
    newStorageId: () => `DS-${options.newUuid()}`,
  })
}

function commonUuid(disks: readonly DiskVolume[]): string | undefined {
  const uuids = new Set(disks.flatMap((disk) => disk.identity?.datanodeUuid ?? []))
  if (uuids.size > 1) {
    throw new StorageIdentityError(
      `open storage directories: found directories of different DataNodes (${[...uuids].join(', ')}); one DataNode has one uuid`,
    )
  }
  return [...uuids][0]
}
