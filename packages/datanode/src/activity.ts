/** How often something was done and how long it took. */
export class Timing {
  count = 0
  totalMs = 0

  add(ms: number): void {
    this.count++
    this.totalMs += ms
  }

  /** 0 before the first. */
  get averageMs(): number {
    return this.count === 0 ? 0 : this.totalMs / this.count
  }

  /** Counts a call that succeeds. */
  async measure<T>(call: Promise<T>): Promise<T> {
    const startMs = performance.now()
    const result = await call
    this.add(performance.now() - startMs)
    return result
  }
}

/** What a DataNode has done since its start; counted once an operation, never once a packet. */
export class Activity {
  /** Reads of clients, and copies that others fetched. */
  blocksRead = 0
  bytesRead = 0
  /** Replicas completed here, for clients and as copies. */
  blocksWritten = 0
  bytesWritten = 0
  /** Copies sent to others by order of the NameNode. */
  blocksReplicated = 0
  /** Deleted by order of the NameNode. */
  blocksRemoved = 0
  readonly heartbeats = new Timing()
  readonly blockReports = new Timing()
  readonly incrementalReports = new Timing()

  /** A read or copy has left as a whole. */
  sent(bytes: number): void {
    this.blocksRead++
    this.bytesRead += bytes
  }

  /** Receiving ended, with the whole block or without. */
  taken(bytes: number, whole: boolean): void {
    this.bytesWritten += bytes
    if (whole) this.blocksWritten++
  }
}
