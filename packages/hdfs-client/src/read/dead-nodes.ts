/** How long a DataNode that failed is tried last, in milliseconds. */
const avoidMs = 60_000
/** Most DataNodes remembered; the oldest is forgotten first. */
const nodesMax = 10_000

/** DataNodes that failed lately, by UUID: reads of every file of the client try them last. */
export class DeadNodes {
  readonly #until = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Remembers that the DataNode failed just now. */
  add(datanodeUuid: string): void {
    this.#until.delete(datanodeUuid)
    if (this.#until.size >= nodesMax) this.#until.delete(this.#until.keys().next().value!)
    this.#until.set(datanodeUuid, this.#now() + avoidMs)
  }

  /** Forgets it: it just served something. */
  delete(datanodeUuid: string): void {
    if (this.#until.size > 0) this.#until.delete(datanodeUuid)
  }

  has(datanodeUuid: string): boolean {
    if (this.#until.size === 0) return false
    const until = this.#until.get(datanodeUuid)
    if (until === undefined) return false
    if (until > this.#now()) return true
    this.#until.delete(datanodeUuid)
    return false
  }
}
