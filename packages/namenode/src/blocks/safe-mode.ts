/**
 * Read-only until enough blocks are reported; org.apache.hadoop.hdfs.server.blockmanagement.BlockManagerSafeMode.
 *
 * ```text
 * STARTUP ──thresholds reached (and extension over)──▶ OFF ◀──leave── MANUAL ◀──enter── any
 * ```
 */
import type { Settings } from '../settings.ts'

type State =
  | { readonly name: 'STARTUP'; reachedMs: number | undefined }
  | { readonly name: 'MANUAL' }
  | { readonly name: 'OFF' }

export class SafeMode {
  readonly #settings: Settings
  #state: State = { name: 'STARTUP', reachedMs: undefined }
  /** Complete blocks of the namespace while starting up. */
  total = 0
  /** Those of them that have a replica. */
  safe = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get on(): boolean {
    return this.#state.name !== 'OFF'
  }

  /** While true, replica counts mean nothing yet: nothing is copied or deleted. */
  get startingUp(): boolean {
    return this.#state.name === 'STARTUP'
  }

  get #blocksNeeded(): number {
    const share = Math.floor(this.total * this.#settings.safeModeThreshold)
    // Java's share of one block is none; then a restarted cluster would be up before it can be read.
    return Math.max(share, Math.min(this.total, 1))
  }

  /** Looks at the counts again; returns whether safe mode was left by this look. */
  check(liveDatanodes: number, nowMs: number): boolean {
    const state = this.#state
    if (state.name !== 'STARTUP') return false
    const reached = this.safe >= this.#blocksNeeded && liveDatanodes >= this.#settings.safeModeDatanodesMin
    if (!reached) {
      state.reachedMs = undefined
      return false
    }
    state.reachedMs ??= nowMs
    // An extension gives DataNodes time to report before copies start; an empty namespace has nothing to wait for.
    if (this.total > 0 && nowMs - state.reachedMs < this.#settings.safeModeExtensionMs) return false
    this.#state = { name: 'OFF' }
    return true
  }

  enter(): void {
    this.#state = { name: 'MANUAL' }
  }

  leave(): void {
    this.#state = { name: 'OFF' }
  }

  /** Why it is on and how to leave, as Java words it. */
  tip(liveDatanodes: number): string {
    if (this.#state.name === 'MANUAL') {
      return 'It was turned on manually. Use "hdfs dfsadmin -safemode leave" to turn safe mode off.'
    }
    const needed = this.#blocksNeeded
    const threshold = this.#settings.safeModeThreshold.toFixed(4)
    const blocks =
      this.safe < needed
        ? `The reported blocks ${this.safe} needs additional ${needed - this.safe} blocks to reach the threshold ${threshold} of total blocks ${this.total}.\n`
        : `The reported blocks ${this.safe} has reached the threshold ${threshold} of total blocks ${this.total}. `
    const wanted = this.#settings.safeModeDatanodesMin
    const nodes =
      wanted === 0
        ? 'The minimum number of live datanodes is not required. '
        : liveDatanodes < wanted
          ? `The number of live datanodes ${liveDatanodes} needs an additional ${wanted - liveDatanodes} live datanodes to reach the minimum number ${wanted}.\n`
          : `The number of live datanodes ${liveDatanodes} has reached the minimum number ${wanted}. `
    return `${blocks}${nodes}Safe mode will be turned off automatically once the thresholds have been reached.`
  }
}
