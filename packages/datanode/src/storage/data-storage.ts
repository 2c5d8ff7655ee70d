import { ProtocolError } from '@cairn/bytes'
import type { Logger } from '../logger.ts'
import type { DiskLatencies } from './disk/disk-latencies.ts'
import { DiskVolume } from './disk/disk-volume.ts'
import { StorageIdentityError } from './disk/storage-identity.ts'
import { MemoryVolume } from './memory/memory-volume.ts'
import type { Replica } from './replica.ts'
import { ReplicaStore } from './replica-store.ts'
import type { ReservedSpace } from './reserved-space.ts'
import { parseStorageLocation, type StorageLocation } from './storage-location.ts'
import type { PoolIdentity, Volume } from './volume.ts'
import { VolumeChecker } from './volume-checker.ts'
import { makeVolumeChoice, type VolumeChoiceOptions } from './volume-choice.ts'
import { type VolumeFailure, VolumeFailureError, VolumeFailures } from './volume-failures.ts'

/** What the DataNode hears about its disks. */
export interface StorageEvents {
  /** A replica is not here any more, because its volume is not. */
  replicaLost(blockPoolId: string, replica: Replica): void
  /** A disk failed and was dropped; `enough` tells whether the node may go on without it. */
  volumeFailed(failure: VolumeFailure, enough: boolean): void
}

export interface DataStorageOptions {
  /** Directories, each optionally with its storage type as in Hadoop's configuration: `[SSD]/data/1`. */
  readonly dirs: readonly string[]
  /** Instead of directories: keep blocks in memory, up to so many bytes. */
  readonly memoryBytes?: number | undefined
  readonly reserved?: ReservedSpace | undefined
  /** `dfs.datanode.data.dir.perm`. Default 0o700. */
  readonly dirPermissions?: number | undefined
  readonly volumeChoice?: VolumeChoiceOptions | undefined
  /** `dfs.datanode.failed.volumes.tolerated`. Default 0. */
  readonly failedVolumesTolerated?: number | undefined
  /** `dfs.datanode.disk.check.min.gap`. Default 10 s. */
  readonly diskCheckMinGapMs?: number | undefined
  /** `dfs.datanode.disk.check.timeout`. Default 10 min. */
  readonly diskCheckTimeoutMs?: number | undefined
  readonly events?: StorageEvents | undefined
  /** Undoes an upgrade when a pool is opened. */
  readonly rollback?: boolean | undefined
  /** Times file I/O; undefined where nobody wants to know. */
  readonly latencies?: DiskLatencies | undefined
  readonly logger: Logger
  readonly now: () => number
  /** A random UUID. */
  readonly newUuid: () => string
}

/** Which volumes came and went. */
export interface VolumeChanges {
  readonly added: readonly Volume[]
  readonly removed: readonly Volume[]
}

const diskCheckMinGapMsDefault = 10_000
const diskCheckTimeoutMsDefault = 600_000

/** All storage directories of one DataNode, locked, and the block pools in them. */
export class DataStorage {
  readonly failures: VolumeFailures
  readonly checker: VolumeChecker
  readonly #options: DataStorageOptions
  readonly #logger: Logger
  #volumes: readonly Volume[] = []
  readonly #pools = new Map<string, ReplicaStore>()
  #datanodeUuid: string | undefined
  /** Pools are opened and volumes changed one after the other. */
  #queue: Promise<unknown> = Promise.resolve()
  /** Volumes that failed and are not closed yet. */
  #dropping: Promise<unknown> = Promise.resolve()

  constructor(options: DataStorageOptions) {
    this.#options = options
    this.#logger = options.logger
    this.checker = new VolumeChecker({
      minGapMs: options.diskCheckMinGapMs ?? diskCheckMinGapMsDefault,
      timeoutMs: options.diskCheckTimeoutMs ?? diskCheckTimeoutMsDefault,
      logger: options.logger,
      // A pause, not a time of day: a clock that is set back must not stretch it.
      now: () => performance.now(),
      failed: (volume, reason) => this.#fail(volume, reason),
    })
    const inMemory = options.memoryBytes !== undefined
    const configured = inMemory ? 1 : options.dirs.length
    if (configured === 0)
      throw new TypeError('start a DataNode: found no storage directory; give at least one')
    this.failures = new VolumeFailures(options.failedVolumesTolerated ?? 0, configured)
    if (inMemory) {
      const storageId = `DS-${options.newUuid()}`
      this.#volumes = [new MemoryVolume({ storageId, capacity: options.memoryBytes })]
    } else {
      this.#openVolumes(options.dirs.map(parseStorageLocation))
    }
  }

  /** The volumes that work. */
  get volumes(): readonly Volume[] {
    return this.#volumes
  }

  /** Who this DataNode is; made up when no directory says, and written down with the first pool. */
  get datanodeUuid(): string {
    this.#datanodeUuid ??= this.#options.newUuid()
    return this.#datanodeUuid
  }

  /** The replicas of a pool; the directories are formatted or checked first. */
  openPool(pool: PoolIdentity): Promise<ReplicaStore> {
    return this.#inTurn(async () => {
      const present = this.#pools.get(pool.blockPoolId)
      if (present) return present
      for (const volume of this.#volumes) this.#format(volume, pool.clusterId)
      const store = await ReplicaStore.open(pool, this.#volumes, {
        logger: this.#logger,
        choice: makeVolumeChoice(this.#options.volumeChoice),
        failed: (volume, error) => this.#failOrThrow(volume, error),
      })
      for (const { volume } of store.slices) {
        // It failed meanwhile.
        if (!this.#volumes.includes(volume)) await store.dropVolume(volume, 'it failed', () => {})
      }
      if (store.slices.length === 0) throw this.failures.error(0)
      this.#pools.set(pool.blockPoolId, store)
      return store
    })
  }

  /** No NameNode rules the pool here any more: its writers are stopped and its replicas forgotten; the files stay. */
  closePool(blockPoolId: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#pools.get(blockPoolId)?.close()
      this.#pools.delete(blockPoolId)
      for (const volume of this.#volumes) volume.closePool(blockPoolId)
    })
  }

  /** A pool by its id. Peers of Hadoop 1 know of no pools and name "": that is the only one [old.pool.1]. */
  pool(blockPoolId: string): ReplicaStore | undefined {
    if (blockPoolId !== '' || this.#pools.size !== 1) return this.#pools.get(blockPoolId)
    return this.#pools.values().next().value
  }

  pools(): IterableIterator<ReplicaStore> {
    return this.#pools.values()
  }

  /**
   * Makes `dirs` the storage directories: those that are new are taken in with what is on them, those that are not
   * named any more are given up; their files stay. As `DataNode.refreshVolumes`. Rejects when one could not be taken
   * in; the others have been.
   */
  refreshVolumes(dirs: readonly string[]): Promise<VolumeChanges> {
    return this.#inTurn(() => this.#refresh(dirs.map(parseStorageLocation)))
  }

  async close(): Promise<void> {
    this.checker.close()
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()))
    this.#pools.clear()
    await Promise.all(this.#volumes.map((volume) => volume.close()))
  }

  #openVolumes(locations: readonly StorageLocation[]): void {
    const disks: DiskVolume[] = []
    try {
      for (const location of locations) {
        try {
          disks.push(this.#openVolume(location))
        } catch (error) {
          if (!isDiskFault(error)) throw error
          this.#recordFailure(location.path, 0, error)
        }
      }
      if (!this.failures.tolerable(disks.length)) throw this.failures.error(disks.length)
      this.#datanodeUuid = commonUuid(disks)
    } catch (error) {
      for (const disk of disks) void disk.close()
      throw error
    }
    this.#volumes = disks
  }

  #openVolume(location: StorageLocation): DiskVolume {
    return new DiskVolume({
      ...location,
      reserved: this.#options.reserved ?? {},
      permissions: this.#options.dirPermissions,
      rollback: this.#options.rollback,
      latencies: this.#options.latencies,
      logger: this.#logger,
      now: this.#options.now,
      newStorageId: () => `DS-${this.#options.newUuid()}`,
      failed: (volume, error) => this.checker.suspect(volume, error),
    })
  }

  #format(volume: Volume, clusterId: string): void {
    if (!(volume instanceof DiskVolume)) return
    try {
      volume.format(clusterId, this.datanodeUuid)
    } catch (error) {
      this.#failOrThrow(volume, error)
    }
  }

  async #refresh(locations: readonly StorageLocation[]): Promise<VolumeChanges> {
    if (locations.length === 0)
      throw new TypeError('change storage directories: found none; give at least one')
    await this.#dropping
    const wanted = new Map(locations.map((location) => [location.path, location]))
    for (const { path, storageType } of this.#volumes) {
      if ((wanted.get(path)?.storageType ?? storageType) !== storageType)
        throw new TypeError(`change the storage type of ${path}: a directory keeps its type`)
    }
    const present = new Set(this.#volumes.map(({ path }) => path))
    const removed = this.#volumes.filter(({ path }) => !wanted.has(path))
    const added: Volume[] = []
    const refused: string[] = []
    for (const location of wanted.values()) {
      if (present.has(location.path)) continue
      try {
        added.push(await this.#add(location))
      } catch (error) {
        refused.push((error as Error).message)
      }
    }
    if (removed.length === this.#volumes.length) refused.push('no volume would be left')
    else for (const volume of removed) await this.#drop(volume, 'its directory is not configured any more')
    for (const { path } of this.failures.list) if (!wanted.has(path)) this.failures.forget(path)
    if (refused.length > 0) throw new VolumeFailureError(`change storage directories: ${refused.join('; ')}`)
    return { added, removed }
  }

  /** A new directory, or one whose disk had failed and works again. */
  async #add(location: StorageLocation): Promise<Volume> {
    const volume = this.#openVolume(location)
    try {
      const uuid = volume.identity?.datanodeUuid ?? this.datanodeUuid
      if (uuid !== this.datanodeUuid) throw strangers([uuid, this.datanodeUuid])
      for (const store of this.#pools.values()) {
        volume.format(store.pool.clusterId, this.datanodeUuid)
        await store.addVolume(volume)
      }
    } catch (error) {
      for (const store of this.#pools.values()) await store.dropVolume(volume, 'it failed', () => {})
      await volume.close()
      throw error
    }
    this.#volumes = [...this.#volumes, volume]
    this.failures.forget(location.path)
    this.#logger.info({ volume: volume.path, storageId: volume.storageId }, 'took a volume in')
    return volume
  }

  async #drop(volume: Volume, reason: string): Promise<void> {
    this.#volumes = this.#volumes.filter((other) => other !== volume)
    let count = 0
    const drops = [...this.#pools.values()].map((store) =>
      store.dropVolume(volume, `volume ${volume.path} is dropped: ${reason}`, (replica) => {
        count++
        this.#options.events?.replicaLost(store.pool.blockPoolId, replica)
      }),
    )
    await Promise.all(drops)
    await volume.close()
    this.#logger.warn({ volume: volume.path, reason, replicas: count }, 'dropped a volume')
  }

  /** An error of opening: the disk's fault, or one that ends the attempt. */
  #failOrThrow(volume: Volume, error: unknown): void {
    if (!isDiskFault(error)) throw error
    this.#fail(volume, error)
  }

  #fail(volume: Volume, error: Error): void {
    if (!this.#volumes.includes(volume)) return
    const failure = this.#recordFailure(volume.path, volume.space().capacity, error)
    const dropped = this.#drop(volume, error.message).catch((reason: Error) => {
      this.#logger.error({ volume: volume.path, error: reason.message }, 'could not drop a volume')
    })
    this.#dropping = Promise.all([this.#dropping, dropped])
    this.#options.events?.volumeFailed(failure, this.failures.tolerable(this.#volumes.length))
  }

  #recordFailure(path: string, capacity: number, error: Error): VolumeFailure {
    const failure = { path, capacity, failedMs: this.#options.now(), reason: error.message }
    this.failures.add(failure)
    this.#logger.error({ volume: path, error: error.message }, 'a disk does not work')
    return failure
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => {})
    return turn
  }
}

/** What the system refuses, and files that are damaged; not a directory that is somebody else's or in use. */
function isDiskFault(error: unknown): error is Error {
  if (error instanceof ProtocolError) return true
  return error instanceof Error && 'errno' in error
}

function commonUuid(disks: readonly DiskVolume[]): string | undefined {
  const uuids = new Set(disks.flatMap((disk) => disk.identity?.datanodeUuid ?? []))
  if (uuids.size > 1) throw strangers([...uuids])
  return [...uuids][0]
}

function strangers(uuids: readonly string[]): StorageIdentityError {
  return new StorageIdentityError(
    `open storage directories: found directories of different DataNodes (${uuids.join(', ')}); one DataNode has one uuid`,
  )
}
