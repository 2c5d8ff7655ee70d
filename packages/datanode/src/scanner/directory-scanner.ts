// Compares what is on the disks with what is in memory, Java's `DirectoryScanner`: files that a person, a crash or a
// failing disk added, removed or changed while the DataNode ran.
//
// A pass over a volume first marks its replicas, then lists folder after folder and takes the mark off what it finds
// as it should be; what keeps its mark is not on the disk. Only blocks that look different are looked at closely.
import { type Stats, stat } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { finalizedSubdirectory, formatBlockFileName } from '@cairn/hdfs-storage'
import type { Logger } from '../logger.ts'
import type { DataStorage } from '../storage/data-storage.ts'
import { readReplicaNames, subdirectories } from '../storage/disk/replica-names.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { PoolSlice } from '../storage/volume.ts'
import type { ReplicaEvents } from '../transfer/transfer-context.ts'
import { Periodic } from './periodic.ts'
import {
  type Difference,
  describeDifference,
  reconcileReplica,
  reconcileUnfinished,
  type ScannedBlock,
} from './reconcile-replica.ts'
import { WorkShare } from './work-share.ts'

/** What one pass over all volumes found and put right. */
export interface DirectoryScanReport {
  /** Block files looked at. */
  readonly files: number
  readonly missingData: number
  readonly missingMemory: number
  readonly missingMeta: number
  readonly wrongLength: number
  readonly duplicates: number
  readonly orphanMeta: number
  /** Block files in a folder where they do not belong; they are left alone. */
  readonly misplaced: number
}

export interface DirectoryScannerOptions {
  readonly storage: DataStorage
  readonly events: Pick<ReplicaEvents, 'received' | 'deleted' | 'corrupt'>
  readonly logger: Logger
  /** `dfs.datanode.directoryscan.interval`; 0 never scans by itself. */
  readonly intervalMs: number
  /** `dfs.datanode.directoryscan.throttle.limit.ms.per.sec`: work in each second of a pass, 1 to 1000. */
  readonly workMsPerSecond: number
  /** From 0 to below 1: when in the first interval the first pass begins. */
  random(): number
}

/** Files whose length is asked for at once. */
const statsAtOnce = 32

type Counts = { -readonly [K in keyof DirectoryScanReport]: number }

const counterOf = {
  'missing-data': 'missingData',
  'missing-memory': 'missingMemory',
  'missing-meta': 'missingMeta',
  length: 'wrongLength',
  duplicate: 'duplicates',
  'orphan-meta': 'orphanMeta',
} as const satisfies Record<Difference['kind'], keyof Counts>

export class DirectoryScanner {
  readonly #options: DirectoryScannerOptions
  readonly #periodic: Periodic
  #scanning: Promise<DirectoryScanReport> | undefined
  #stopped = false

  constructor(options: DirectoryScannerOptions) {
    this.#options = options
    this.#periodic = new Periodic(options.intervalMs, options.random, () => this.scan())
  }

  start(): void {
    this.#periodic.start()
  }

  /** Resolves when nothing is looked at any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#periodic.stop()
    await this.#scanning?.catch(() => {})
  }

  /** One pass over everything, now; joins the one that is under way. */
  scan(): Promise<DirectoryScanReport> {
    this.#scanning ??= this.#scan().finally(() => {
      this.#scanning = undefined
    })
    return this.#scanning
  }

  async #scan(): Promise<DirectoryScanReport> {
    const counts: Counts = {
      files: 0,
      missingData: 0,
      missingMemory: 0,
      missingMeta: 0,
      wrongLength: 0,
      duplicates: 0,
      orphanMeta: 0,
      misplaced: 0,
    }
    const { storage, logger } = this.#options
    for (const store of storage.pools()) {
      const passes = store.slices.map(async (slice) => {
        try {
          await new VolumePass(this.#options, store, slice, counts, () => this.#stopped).run()
        } catch (error) {
          logger.warn(
            { volume: slice.volume.path, error: (error as Error).message },
            'could not look over a volume',
          )
          storage.checker.suspect(slice.volume, error)
        }
      })
      await Promise.all(passes)
    }
    const { files, ...differences } = counts
    const different = Object.values(differences).some((count) => count > 0)
    logger[different ? 'warn' : 'info'](counts, 'compared the disks with memory')
    return counts
  }
}

/** One pool on one volume. */
class VolumePass {
  readonly #options: DirectoryScannerOptions
  readonly #store: ReplicaStore
  readonly #slice: PoolSlice
  readonly #counts: Counts
  readonly #work: WorkShare
  readonly #ended: () => boolean

  constructor(
    options: DirectoryScannerOptions,
    store: ReplicaStore,
    slice: PoolSlice,
    counts: Counts,
    stopped: () => boolean,
  ) {
    this.#options = options
    this.#store = store
    this.#slice = slice
    this.#counts = counts
    this.#work = new WorkShare(options.workMsPerSecond)
    // A volume that is dropped meanwhile has no replicas any more: nothing may be added to it.
    this.#ended = () => stopped() || !store.slices.includes(slice)
  }

  async run(): Promise<void> {
    const { paths } = this.#slice
    if (!paths) return
    const { index } = this.#store
    await index.markUnseen(this.#slice)
    for (const upper of await subdirectories(paths.placeDirectory('finalized'))) {
      for (const leaf of await subdirectories(upper)) {
        if (this.#ended()) return
        await this.#folder(leaf)
        await this.#work.rest()
      }
    }
    for (let shard = 0; shard < index.shardCount; shard++) {
      for (const blockId of index.unseen(shard, this.#slice)) {
        if (this.#ended()) return
        this.#reconcile({ blockId, stamps: [] })
      }
      await setImmediate()
    }
    await this.#unfinished(paths.placeDirectory('rbw'))
  }

  async #folder(leaf: string): Promise<void> {
    const names = await readReplicaNames(leaf)
    const place = `${basename(dirname(leaf))}/${basename(leaf)}`
    const blockIds: bigint[] = []
    for (const blockId of names.data) {
      if (finalizedSubdirectory(blockId) === place) blockIds.push(blockId)
      else {
        this.#counts.misplaced++
        this.#options.logger.warn({ blockId, folder: leaf }, 'found a block file in a folder of other blocks')
      }
    }
    for (const blockId of names.meta.keys()) {
      if (names.data.has(blockId) || finalizedSubdirectory(blockId) !== place) continue
      this.#reconcile({ blockId, stamps: names.meta.get(blockId)! })
    }
    for (let at = 0; at < blockIds.length && !this.#ended(); at += statsAtOnce) {
      const some = blockIds.slice(at, at + statsAtOnce)
      const lengths = await Promise.all(
        some.map((blockId) => sizeOf(join(leaf, formatBlockFileName(blockId)))),
      )
      if (this.#ended()) return
      for (const [offset, blockId] of some.entries())
        this.#look(blockId, lengths[offset], names.meta.get(blockId) ?? [])
      this.#counts.files += some.length
    }
  }

  /** Most blocks are as they should be: seen at a glance. */
  #look(blockId: bigint, length: number | undefined, stamps: readonly bigint[]): void {
    const { index } = this.#store
    const row = index.row(blockId)
    const fits =
      row?.slice === this.#slice &&
      (row.live || (row.length === length && stamps.length === 1 && stamps[0] === row.generationStamp))
    if (fits) index.see(blockId)
    else this.#reconcile({ blockId, stamps })
  }

  #reconcile(scanned: ScannedBlock): void {
    const differences = reconcileReplica(this.#store, this.#slice, scanned)
    this.#store.index.see(scanned.blockId)
    this.#tell(differences)
  }

  async #unfinished(folder: string): Promise<void> {
    const names = await readReplicaNames(folder)
    if (this.#ended()) return
    for (const [blockId, stamps] of names.meta) {
      if (!names.data.has(blockId))
        this.#tell(reconcileUnfinished(this.#store, this.#slice, { blockId, stamps }))
    }
  }

  #tell(differences: readonly Difference[]): void {
    const { events, logger } = this.#options
    const { blockPoolId } = this.#store.pool
    for (const difference of differences) {
      this.#counts[counterOf[difference.kind]]++
      logger.warn(describeDifference(difference), `disk and memory differ: ${difference.kind}`)
      switch (difference.kind) {
        case 'missing-data':
          events.deleted(blockPoolId, difference.replica)
          break
        case 'missing-memory':
          events.received(blockPoolId, difference.replica)
          break
        case 'missing-meta':
          events.corrupt(blockPoolId, difference.replica, 'its meta file is missing')
          break
        case 'length':
          events.corrupt(
            blockPoolId,
            difference.replica,
            `its block file has ${difference.replica.length} bytes, not ${difference.was}`,
          )
          break
        default:
          break
      }
    }
  }
}

/** Undefined when there is no such file. */
function sizeOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    stat(path, (error: NodeJS.ErrnoException | null, found: Stats) => {
      if (!error) resolve(found.size)
      else if (error.code === 'ENOENT') resolve(undefined)
      else reject(error)
    })
  })
}
