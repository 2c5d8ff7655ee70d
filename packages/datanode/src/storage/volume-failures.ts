import type { VolumeFailureSummaryProto } from '@cairn/hadoop-proto'

/** One disk that does not work, as the NameNode hears of it. */
export interface VolumeFailure {
  /** The directory, as configured but for its storage type. */
  readonly path: string
  /** Bytes that this node had there; 0 when the disk never worked. */
  readonly capacity: number
  /** Milliseconds since 1970. */
  readonly failedMs: number
  readonly reason: string
}

/** More disks have failed than `dfs.datanode.failed.volumes.tolerated` allows. */
export class VolumeFailureError extends Error {
  override readonly name = 'VolumeFailureError'
  readonly code = 'ERR_DN_VOLUMES_FAILED'
}

/** The disks that failed, and how many may. */
export class VolumeFailures {
  readonly #tolerated: number
  readonly #failures = new Map<string, VolumeFailure>()

  /**
   * @param tolerated `dfs.datanode.failed.volumes.tolerated`: so many disks may fail; −1: all but one.
   * @param configured how many there are.
   */
  constructor(tolerated: number, configured: number) {
    if (!Number.isInteger(tolerated) || tolerated < -1 || (tolerated > 0 && tolerated >= configured)) {
      throw new VolumeFailureError(
        `start a DataNode with ${configured} storage directories: found failed volumes tolerated ${tolerated}; -1 to ${configured - 1} are allowed`,
      )
    }
    this.#tolerated = tolerated
  }

  /** In the order in which they failed. */
  get list(): readonly VolumeFailure[] {
    return [...this.#failures.values()]
  }

  get count(): number {
    return this.#failures.size
  }

  add(failure: VolumeFailure): void {
    this.#failures.delete(failure.path)
    this.#failures.set(failure.path, failure)
  }

  /** The disk works again, or is not wanted any more. */
  forget(path: string): void {
    this.#failures.delete(path)
  }

  /** Whether the DataNode may serve on with `left` disks. */
  tolerable(left: number): boolean {
    return left > 0 && (this.#tolerated === -1 || this.#failures.size <= this.#tolerated)
  }

  /** What heartbeats tell; undefined while every disk works. */
  summary(): VolumeFailureSummaryProto | undefined {
    const failures = this.list
    if (failures.length === 0) return undefined
    return {
      failedStorageLocations: failures.map(({ path }) => path).sort(),
      lastVolumeFailureDate: BigInt(Math.max(...failures.map(({ failedMs }) => failedMs))),
      estimatedCapacityLostTotal: BigInt(failures.reduce((sum, { capacity }) => sum + capacity, 0)),
    }
  }

  /** Why the DataNode cannot serve. */
  error(left: number): VolumeFailureError {
    const reasons = this.list.map(({ path, reason }) => `${path} (${reason})`).join('; ')
    const allowed = this.#tolerated === -1 ? 'all but one' : String(this.#tolerated)
    return new VolumeFailureError(
      `use storage directories: found ${left} that work and ${this.count} that do not: ${reasons}; ${allowed} may fail (dfs.datanode.failed.volumes.tolerated)`,
    )
  }
}
