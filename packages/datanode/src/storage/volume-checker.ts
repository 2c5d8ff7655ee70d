// Looks at a disk when something on it went wrong; Java's `DatasetVolumeChecker`. An error of one file may be that
// file's; only when the disk as a whole does not answer as it should is it given up.
import type { Logger } from '../logger.ts'
import type { Volume } from './volume.ts'

/** Errors that say nothing against a disk: it is full, or this process has run out of something. */
const harmless: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EEXIST',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'EINTR',
  'EBADF',
])

export interface VolumeCheckerOptions {
  /** A volume is not looked at again before so long after the last time. */
  readonly minGapMs: number
  /** A disk that does not answer for so long has failed. */
  readonly timeoutMs: number
  readonly logger: Logger
  readonly now: () => number
  /** A volume does not work. */
  failed(volume: Volume, reason: Error): void
}

interface Checked {
  running: boolean
  /** When the last check ended. */
  endedMs: number
  timer: NodeJS.Timeout | undefined
}

export class VolumeChecker {
  readonly #options: VolumeCheckerOptions
  readonly #checked = new WeakMap<Volume, Checked>()
  readonly #waiting = new Set<NodeJS.Timeout>()
  #closed = false

  constructor(options: VolumeCheckerOptions) {
    this.#options = options
  }

  /** Something failed on a volume: it is looked at soon, beside everything else. */
  suspect(volume: Volume, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException
    if (this.#closed || code === undefined || harmless.has(code)) return
    const checked = this.#of(volume)
    if (checked.running || checked.timer) return
    const waitMs = checked.endedMs + this.#options.minGapMs - this.#options.now()
    if (waitMs <= 0) {
      void this.check(volume)
      return
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(timer)
      checked.timer = undefined
      void this.check(volume)
    }, waitMs)
    timer.unref()
    checked.timer = timer
    this.#waiting.add(timer)
  }

  /** Looks at a volume now; false when it does not work, which `failed` has been told. */
  async check(volume: Volume): Promise<boolean> {
    const checked = this.#of(volume)
    checked.running = true
    try {
      await this.#inTime(volume)
      return true
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      if (!this.#closed) this.#options.failed(volume, reason)
      return false
    } finally {
      checked.running = false
      checked.endedMs = this.#options.now()
    }
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#waiting) clearTimeout(timer)
    this.#waiting.clear()
  }

  #inTime(volume: Volume): Promise<void> {
    const { timeoutMs, logger } = this.#options
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`check ${volume.path}: found no answer within ${timeoutMs} ms`)),
        timeoutMs,
      )
      this.#waiting.add(timer)
      volume
        .check()
        .then(() => {
          logger.debug({ volume: volume.path }, 'looked at a disk: it works')
          resolve()
        }, reject)
        .finally(() => {
          clearTimeout(timer)
          this.#waiting.delete(timer)
        })
    })
  }

  #of(volume: Volume): Checked {
    let checked = this.#checked.get(volume)
    if (!checked) {
      checked = { running: false, endedMs: Number.NEGATIVE_INFINITY, timer: undefined }
      this.#checked.set(volume, checked)
    }
    return checked
  }
}
