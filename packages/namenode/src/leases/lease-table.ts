/**
 * Who holds which open file; org.apache.hadoop.hdfs.server.namenode.LeaseManager.
 *
 * A lease belongs to a client name and covers all files it has open. The table knows no clock: times of renewal are
 * given by the caller, and after a replay every lease counts as renewed when the NameNode came up.
 */
import type { INodeFile } from '../namespace/inode.ts'

export interface Lease {
  readonly holder: string
  readonly files: Set<INodeFile>
  /** Milliseconds of the monotonic clock. */
  renewedMs: number
}

export class LeaseTable {
  readonly #byHolder = new Map<string, Lease>()
  #openFiles = 0

  /** Files open for writing. */
  get openFiles(): number {
    return this.#openFiles
  }

  get size(): number {
    return this.#byHolder.size
  }

  get(holder: string): Lease | undefined {
    return this.#byHolder.get(holder)
  }

  add(holder: string, file: INodeFile, nowMs: number): void {
    let lease = this.#byHolder.get(holder)
    if (lease === undefined) {
      lease = { holder, files: new Set(), renewedMs: nowMs }
      this.#byHolder.set(holder, lease)
    }
    lease.renewedMs = nowMs
    if (lease.files.has(file)) return
    lease.files.add(file)
    this.#openFiles++
  }

  remove(holder: string, file: INodeFile): void {
    const lease = this.#byHolder.get(holder)
    if (lease === undefined || !lease.files.delete(file)) return
    this.#openFiles--
    if (lease.files.size === 0) this.#byHolder.delete(holder)
  }

  renew(holder: string, nowMs: number): void {
    const lease = this.#byHolder.get(holder)
    if (lease !== undefined) lease.renewedMs = nowMs
  }

  /** Every lease counts as renewed now. */
  renewAll(nowMs: number): void {
    for (const lease of this.#byHolder.values()) lease.renewedMs = nowMs
  }

  values(): IterableIterator<Lease> {
    return this.#byHolder.values()
  }
}
