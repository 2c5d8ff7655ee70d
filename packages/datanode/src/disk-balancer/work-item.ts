// One pair of volumes and how far the moves between them have come; `DiskBalancerWorkItem`, whose names `hdfs
// diskbalancer -query -v` reads.
import type { MoveStep } from './node-plan.ts'

/** What applies where a plan says nothing. */
export interface MoveDefaults {
  /** `dfs.disk.balancer.max.disk.errors`. */
  readonly maxDiskErrors: number
  /** `dfs.disk.balancer.block.tolerance.percent`. */
  readonly tolerancePercent: number
  /** `dfs.disk.balancer.max.disk.throughputInMBperSec`. */
  readonly bandwidth: number
}

export class WorkItem {
  readonly sourceId: string
  readonly destinationId: string
  readonly maxDiskErrors: number
  readonly tolerancePercent: number
  readonly bandwidth: number
  bytesToCopy: number
  bytesCopied = 0
  blocksCopied = 0
  errorCount = 0
  errMsg: string | undefined
  startTimeMs = 0
  secondsElapsed = 0

  constructor(step: MoveStep, defaults: MoveDefaults) {
    this.sourceId = step.sourceId
    this.destinationId = step.destinationId
    this.bytesToCopy = step.bytesToMove
    this.maxDiskErrors = step.maxDiskErrors || defaults.maxDiskErrors
    this.tolerancePercent = step.tolerancePercent || defaults.tolerancePercent
    this.bandwidth = step.bandwidth || defaults.bandwidth
  }

  /** Whether so much has been moved that the rest does not matter. */
  get closeEnough(): boolean {
    return this.bytesCopied * (1 + this.tolerancePercent / 100) >= this.bytesToCopy
  }

  /** Whether a block of this length still fits into what is to be moved. */
  wants(length: number): boolean {
    return length <= (this.bytesToCopy - this.bytesCopied) * (1 + this.tolerancePercent / 100)
  }

  get failed(): boolean {
    return this.errorCount > this.maxDiskErrors
  }

  /** As `DiskBalancerWorkItem` writes itself. */
  toJson(): Record<string, unknown> {
    return {
      startTime: this.startTimeMs,
      secondsElapsed: this.secondsElapsed,
      bytesToCopy: Math.round(this.bytesToCopy),
      bytesCopied: this.bytesCopied,
      errorCount: this.errorCount,
      errMsg: this.errMsg ?? null,
      blocksCopied: this.blocksCopied,
      maxDiskErrors: this.maxDiskErrors,
      tolerancePercent: this.tolerancePercent,
      bandwidth: this.bandwidth,
    }
  }
}
