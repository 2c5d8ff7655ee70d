/** Mean latencies of the recent past by name: `org.apache.hadoop.metrics2.lib.RollingAverages` with Java's 36 × 5 min. */
export class RollingAverages {
  readonly #now: () => number
  readonly #windowMs: number
  readonly #windowsMax: number
  readonly #series = new Map<string, Window[]>()

  /** `now` in milliseconds, from any origin. */
  constructor(now: () => number, windowMs = 300_000, windowsMax = 36) {
    this.#now = now
    this.#windowMs = windowMs
    this.#windowsMax = windowsMax
  }

  add(name: string, latencyMs: number): void {
    const index = Math.floor(this.#now() / this.#windowMs)
    let windows = this.#series.get(name)
    if (!windows) {
      windows = []
      this.#series.set(name, windows)
    }
    let window = windows.at(-1)
    if (window?.index !== index) {
      window = { index, sum: 0, count: 0 }
      windows.push(window)
    }
    window.sum += latencyMs
    window.count++
  }

  /** The mean of each name that has at least so many samples; older windows than the last 36 are forgotten. */
  averages(samplesMin: number): Map<string, number> {
    const oldest = Math.floor(this.#now() / this.#windowMs) - this.#windowsMax + 1
    const means = new Map<string, number>()
    for (const [name, all] of this.#series) {
      const windows = all.filter(({ index }) => index >= oldest)
      if (windows.length === 0) {
        this.#series.delete(name)
        continue
      }
      this.#series.set(name, windows)
      const count = windows.reduce((total, window) => total + window.count, 0)
      if (count >= samplesMin) means.set(name, windows.reduce((total, { sum }) => total + sum, 0) / count)
    }
    return means
  }
}

interface Window {
  readonly index: number
  sum: number
  count: number
}
