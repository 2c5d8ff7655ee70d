// Reads complete replicas through, slowly and for ever, and reports those whose bytes do not fit their checksums:
// Java's `BlockScanner` with a `VolumeScanner` for each volume. Replicas that somebody complained about are looked at
// elsewhere at once (`SuspectReplicas`), before any of these.
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from '../logger.ts'
import type { DataStorage } from '../storage/data-storage.ts'
import { formatReplica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import { verifyReplica } from '../storage/verify-replica.ts'
import type { PoolSlice, Volume } from '../storage/volume.ts'
import type { ReplicaEvents } from '../transfer/transfer-context.ts'
import { BlockWalk } from './block-walk.ts'
import { newCursor, readCursor, type ScanCursor, saveCursor } from './scan-cursor.ts'
import { ScanRate } from './scan-rate.ts'

export interface BlockScannerOptions {
  readonly storage: DataStorage
  readonly events: Pick<ReplicaEvents, 'corrupt'>
  readonly logger: Logger
  /** `dfs.block.scanner.volume.bytes.per.second`; 0 never scans. */
  readonly bytesPerSecond: number
  /** `dfs.datanode.scan.period.hours`: a pass begins so long after the one before, or when that has ended. */
  readonly periodMs: number
  /** `dfs.block.scanner.cursor.save.interval.ms`. */
  readonly cursorSaveIntervalMs: number
  readonly now: () => number
}

/** What the scanner has done since the start. */
export interface BlockScanCounts {
  readonly blocks: number
  readonly bytes: number
  readonly bad: number
  /** Passes over a volume that reached the end. */
  readonly passes: number
}

/** How often volumes that came or went, and passes that are due, are looked for. */
const lookMs = 10_000

/** Replicas without bytes cost a look at two files; this keeps them from going at any speed. */
const bytesPerReplica = 4096

export class BlockScanner {
  readonly #options: BlockScannerOptions
  readonly #volumes = new Map<Volume, AbortController>()
  readonly #running = new Set<Promise<void>>()
  readonly counts = { blocks: 0, bytes: 0, bad: 0, passes: 0 }
  #timer: NodeJS.Timeout | undefined

  constructor(options: BlockScannerOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#options.bytesPerSecond <= 0 || this.#options.periodMs < 0) return
    this.#look()
    this.#timer = setInterval(() => this.#look(), lookMs)
    this.#timer.unref()
  }

  /** Stops and saves how far it came. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    for (const aborter of this.#volumes.values()) aborter.abort()
    await Promise.all(this.#running)
    this.#volumes.clear()
  }

  #look(): void {
    const { volumes } = this.#options.storage
    for (const [volume, aborter] of this.#volumes) {
      if (volumes.includes(volume)) continue
      aborter.abort()
      this.#volumes.delete(volume)
    }
    for (const volume of volumes) {
      if (this.#volumes.has(volume)) continue
      const aborter = new AbortController()
      this.#volumes.set(volume, aborter)
      const scan = new VolumeScan(this.#options, volume, this.counts, aborter.signal)
      const running = scan.run().catch((error: Error) => {
        if (!aborter.signal.aborted)
          this.#options.logger.warn(
            { volume: volume.path, error: error.message },
            'the block scanner gave up',
          )
      })
      this.#running.add(running)
      void running.then(() => this.#running.delete(running))
    }
  }
}

interface Pass {
  readonly slice: PoolSlice
  readonly path: string
  readonly cursor: ScanCursor
  readonly walk: BlockWalk
  /** Since it was saved. */
  moved: boolean
}

class VolumeScan {
  readonly #options: BlockScannerOptions
  readonly #volume: Volume
  readonly #counts: { blocks: number; bytes: number; bad: number; passes: number }
  readonly #signal: AbortSignal
  readonly #rate: ScanRate
  readonly #passes = new Map<PoolSlice, Pass>()

  constructor(
    options: BlockScannerOptions,
    volume: Volume,
    counts: { blocks: number; bytes: number; bad: number; passes: number },
    signal: AbortSignal,
  ) {
    this.#options = options
    this.#volume = volume
    this.#counts = counts
    this.#signal = signal
    this.#rate = new ScanRate(options.bytesPerSecond, signal)
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      const due = this.#duePass()
      if (due) await this.#step(due.store, due.pass)
      else await setTimeout(lookMs, undefined, { signal: this.#signal, ref: false }).catch(() => {})
    }
    for (const pass of this.#passes.values()) if (pass.moved) this.#save(pass)
  }

  /** A pass that has not ended, or one that ended and is due again. */
  #duePass(): { store: ReplicaStore; pass: Pass } | undefined {
    const { storage, periodMs, now } = this.#options
    for (const store of storage.pools()) {
      const slice = store.slices.find((candidate) => candidate.volume === this.#volume)
      if (!slice?.paths) continue
      let pass = this.#passes.get(slice)
      if (!pass) {
        const path = join(slice.paths.poolDirectory, 'scanner.cursor')
        pass = this.#begin(slice, path, readCursor(path, now()))
      }
      if (pass.cursor.atEnd && now() - pass.cursor.iterStartMs >= periodMs)
        pass = this.#begin(slice, pass.path, newCursor(now()))
      if (!pass.cursor.atEnd) return { store, pass }
    }
    return undefined
  }

  #begin(slice: PoolSlice, path: string, cursor: ScanCursor): Pass {
    const walk = new BlockWalk(slice.paths!.placeDirectory('finalized'), cursor)
    const pass = { slice, path, cursor, walk, moved: false }
    this.#passes.set(slice, pass)
    return pass
  }

  async #step(store: ReplicaStore, pass: Pass): Promise<void> {
    const { now, cursorSaveIntervalMs, logger } = this.#options
    const blockId = await pass.walk.next()
    pass.moved = true
    if (pass.cursor.atEnd) {
      this.#counts.passes++
      logger.info({ volume: this.#volume.path, ...this.#counts }, 'the block scanner has been over a volume')
      this.#save(pass)
      return
    }
    if (blockId !== undefined) await this.#scan(store, pass.slice, blockId)
    if (now() - pass.cursor.lastSavedMs >= cursorSaveIntervalMs) this.#save(pass)
  }

  async #scan(store: ReplicaStore, slice: PoolSlice, blockId: bigint): Promise<void> {
    const replica = store.find(blockId)
    if (replica?.state !== 'FINALIZED' || replica.slice !== slice) return
    const { generationStamp, length } = replica
    try {
      await this.#rate.take(bytesPerReplica)
      await verifyReplica(replica, { throttle: this.#rate })
      this.#counts.blocks++
      this.#counts.bytes += length
    } catch (error) {
      if (this.#signal.aborted) return
      const reason = (error as Error).message
      // It changed or went while it was read: no wonder.
      const same =
        store.find(blockId) === replica &&
        replica.state === 'FINALIZED' &&
        replica.generationStamp === generationStamp
      if (!same) return
      if (error instanceof ReplicaError) {
        this.#counts.bad++
        this.#options.events.corrupt(store.pool.blockPoolId, replica, reason)
      } else {
        this.#options.logger.warn(
          { block: formatReplica(replica), volume: this.#volume.path, error: reason },
          'could not read a replica through',
        )
        this.#options.storage.checker.suspect(this.#volume, error)
      }
    }
  }

  #save(pass: Pass): void {
    pass.cursor.lastSavedMs = this.#options.now()
    pass.moved = false
    try {
      saveCursor(pass.path, pass.cursor)
    } catch (error) {
      this.#options.logger.warn(
        { path: pass.path, error: (error as Error).message },
        'could not save how far the block scanner came',
      )
    }
  }
}
