import type { SlowPeerReportProto } from '@cairn/hadoop-proto'
import { findOutliers } from './outliers.ts'
import { RollingAverages } from './rolling-averages.ts'

export interface PeerLatencyOptions {
  /** Milliseconds from any origin. */
  readonly now: () => number
  /** `dfs.datanode.peer.metrics.min.outlier.detection.samples`. Default 1000. */
  readonly samplesMin?: number | undefined
  /** `dfs.datanode.min.outlier.detection.nodes`. Default 10. */
  readonly nodesMin?: number | undefined
  /** `dfs.datanode.slowpeer.low.threshold.ms`. Default 5 ms. */
  readonly lowThresholdMs?: number | undefined
}

/**
 * How long packets take to the last node of a pipeline, by node; Java's `DataNodePeerMetrics`, which
 * `dfs.datanode.peer.stats.enabled` turns on. Only the last but one measures: what it sees is one node's doing.
 */
export class PeerLatencies {
  readonly #averages: RollingAverages
  readonly #options: PeerLatencyOptions

  constructor(options: PeerLatencyOptions) {
    this.#options = options
    this.#averages = new RollingAverages(options.now)
  }

  /** A packet reached `peer` (`ip:infoPort`, the name in Java's reports) after so long. */
  add(peer: string, latencyMs: number): void {
    this.#averages.add(peer, latencyMs)
  }

  /** The peers that are slow in comparison [dnp.slow.1]. */
  slowPeers(): SlowPeerReportProto[] {
    const { samplesMin = 1000, nodesMin = 10, lowThresholdMs = 5 } = this.#options
    const outliers = findOutliers(this.#averages.averages(samplesMin), {
      resourcesMin: nodesMin,
      lowThreshold: lowThresholdMs,
    })
    return [...outliers].map(([dataNodeId, { latency, median, mad, upperLimit }]) => ({
      dataNodeId,
      aggregateLatency: latency,
      median,
      mad,
      upperLimitLatency: upperLimit,
    }))
  }
}
