// What watches over the replicas beside the work with clients: complaints are looked into at once, disks are compared
// with memory from time to time, and everything is read through slowly.
import { BlockCache } from './cache/block-cache.ts'
import type { Logger } from './logger.ts'
import type { DataNodeOptions } from './options.ts'
import { BlockScanner } from './scanner/block-scanner.ts'
import { DirectoryScanner } from './scanner/directory-scanner.ts'
import type { DataStorage } from './storage/data-storage.ts'
import { SuspectReplicas } from './suspect-replicas.ts'
import type { ReplicaEvents } from './transfer/transfer-context.ts'

const cacheReportIntervalMsDefault = 10_000
const hourMs = 3_600_000
const directoryScanIntervalMsDefault = 6 * hourMs
const blockScanBytesPerSecondDefault = 1024 * 1024
const blockScanPeriodMsDefault = 504 * hourMs
const blockScanCursorSaveMsDefault = 600_000

export class ReplicaCare {
  readonly suspects: SuspectReplicas
  readonly directoryScanner: DirectoryScanner
  readonly blockScanner: BlockScanner
  readonly cache: BlockCache

  readonly #cacheReportIntervalMs: number

  constructor(options: DataNodeOptions, storage: DataStorage, events: ReplicaEvents, logger: Logger) {
    this.#cacheReportIntervalMs = options.cacheReportIntervalMs ?? cacheReportIntervalMsDefault
    this.suspects = new SuspectReplicas(events, logger)
    this.cache = new BlockCache({
      capacityBytes: options.cacheBytes ?? 0,
      logger,
      suspect: (blockPoolId, replica) => this.suspects.add(blockPoolId, replica),
    })
    this.directoryScanner = new DirectoryScanner({
      storage,
      events,
      logger,
      intervalMs: options.directoryScanIntervalMs ?? directoryScanIntervalMsDefault,
      workMsPerSecond: options.directoryScanWorkMsPerSecond ?? 1000,
      random: options.random ?? Math.random,
    })
    this.blockScanner = new BlockScanner({
      storage,
      events,
      logger,
      bytesPerSecond: options.blockScanBytesPerSecond ?? blockScanBytesPerSecondDefault,
      periodMs: options.blockScanPeriodMs ?? blockScanPeriodMsDefault,
      cursorSaveIntervalMs: options.blockScanCursorSaveMs ?? blockScanCursorSaveMsDefault,
      now: Date.now,
    })
  }

  /** For the NameNodes' reports; undefined where nothing may be kept in memory. */
  get cacheReports() {
    if (this.cache.capacityBytes === 0) return undefined
    return {
      intervalMs: this.#cacheReportIntervalMs,
      blocks: (blockPoolId: string) => this.cache.blocks(blockPoolId),
    }
  }

  start(): void {
    this.directoryScanner.start()
    this.blockScanner.start()
  }

  /** Before the storage is closed. */
  async stop(): Promise<void> {
    await Promise.all([this.directoryScanner.stop(), this.blockScanner.stop(), this.cache.close()])
  }
}
