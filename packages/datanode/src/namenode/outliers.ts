// Which of many like things is slow: `org.apache.hadoop.hdfs.server.datanode.metrics.OutlierDetector`. A latency is an
// outlier when it is far above the median of all, measured by the median and by the median absolute deviation.

/** One outlier, in the units of its latency, and what it was compared with. */
export interface Outlier {
  readonly latency: number
  readonly median: number
  /** Median absolute deviation, scaled to a standard deviation. */
  readonly mad: number
  readonly upperLimit: number
}

export interface OutlierLimits {
  /** Fewer than so many are not compared at all. */
  readonly resourcesMin: number
  /** Nothing below is slow, however fast the others are. */
  readonly lowThreshold: number
}

/** Scales the MAD to the standard deviation of a normal distribution. */
const madScale = 1.4826
/** Both of Java's: three times the median, or three deviations above it, whichever is more. */
const medianMultiplier = 3
const deviationMultiplier = 3

/** The names whose latency stands out [dnp.slow.2]. */
export function findOutliers(
  latencies: ReadonlyMap<string, number>,
  limits: OutlierLimits,
): Map<string, Outlier> {
  const outliers = new Map<string, Outlier>()
  if (latencies.size < limits.resourcesMin) return outliers
  const sorted = [...latencies.values()].sort((a, b) => a - b)
  const median = medianOf(sorted)
  const mad = medianOf(sorted.map((value) => Math.abs(value - median)).sort((a, b) => a - b)) * madScale
  const upperLimit = Math.max(
    limits.lowThreshold,
    median * medianMultiplier,
    median + deviationMultiplier * mad,
  )
  for (const [name, latency] of latencies)
    if (latency > upperLimit) outliers.set(name, { latency, median, mad, upperLimit })
  return outliers
}

/** The middle one of sorted values, or the mean of the two in the middle; 0 of none. */
function medianOf(sorted: readonly number[]): number {
  if (sorted.length === 0) return 0
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
