import type { SlowDiskReportProto } from '@cairn/hadoop-proto'
import { findOutliers } from '../../namenode/outliers.ts'

export interface DiskLatencyOptions {
  /** `dfs.datanode.fileio.profiling.sampling.percentage`: of how many opened replicas the file I/O is timed, 1 to 100. */
  readonly samplingPercentage: number
  /** `dfs.datanode.min.outlier.detection.disks`. Default 5. */
  readonly disksMin?: number | undefined
  /** `dfs.datanode.slowdisk.low.threshold.ms`. Default 20 ms. */
  readonly lowThresholdMs?: number | undefined
}

/** What is timed: opening and measuring files, reading, writing. */
export type DiskOperation = 'metadata' | 'read' | 'write'

const fields = {
  metadata: 'meanMetadataOpLatency',
  read: 'meanReadIoLatency',
  write: 'meanWriteIoLatency',
} as const

/** How long file I/O takes, by volume; Java's `DataNodeDiskMetrics` [dnp.slow.3]. */
export class DiskLatencies {
  readonly #options: DiskLatencyOptions
  readonly #random: () => number
  readonly #sums = {
    metadata: new Map<string, { sum: number; count: number }>(),
    read: new Map<string, { sum: number; count: number }>(),
    write: new Map<string, { sum: number; count: number }>(),
  }

  readonly #now: () => number
  readonly #intervalMs: number
  #comparedMs = Number.NEGATIVE_INFINITY
  #slow: readonly SlowDiskReportProto[] = []

  /** `clock.random` from 0 to below 1, `clock.now` in milliseconds from any origin; disks are compared once an interval. */
  constructor(
    options: DiskLatencyOptions,
    clock: { readonly random: () => number; readonly now: () => number },
    intervalMs: number,
  ) {
    this.#options = options
    this.#random = clock.random
    this.#now = clock.now
    this.#intervalMs = intervalMs
  }

  /** Whether the replica that is opened now is one of those that are timed. */
  sample(): boolean {
    return this.#random() * 100 < this.#options.samplingPercentage
  }

  add(operation: DiskOperation, volume: string, latencyMs: number): void {
    const sums = this.#sums[operation]
    const entry = sums.get(volume)
    if (entry) {
      entry.sum += latencyMs
      entry.count++
    } else sums.set(volume, { sum: latencyMs, count: 1 })
  }

  /** The volumes that are slow in comparison, each with what is slow about it; the same for all who ask in an interval. */
  slowDisks(): SlowDiskReportProto[] {
    if (this.#now() - this.#comparedMs >= this.#intervalMs) {
      this.#comparedMs = this.#now()
      this.#slow = this.#compare()
    }
    return [...this.#slow]
  }

  #compare(): SlowDiskReportProto[] {
    const { disksMin = 5, lowThresholdMs = 20 } = this.#options
    const slow = new Map<string, SlowDiskReportProto>()
    for (const operation of ['metadata', 'read', 'write'] as const) {
      const sums = this.#sums[operation]
      const means = new Map([...sums].map(([volume, { sum, count }]) => [volume, sum / count] as const))
      sums.clear()
      const limits = { resourcesMin: disksMin, lowThreshold: lowThresholdMs }
      for (const [basePath, { latency }] of findOutliers(means, limits))
        slow.set(basePath, { ...slow.get(basePath), basePath, [fields[operation]]: latency })
    }
    return [...slow.values()]
  }
}
