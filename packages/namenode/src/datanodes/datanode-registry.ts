/** All DataNodes that ever registered; org.apache.hadoop.hdfs.server.blockmanagement.DatanodeManager. */
import type { Environment } from '../environment.ts'
import type { Settings } from '../settings.ts'
import { Datanode, type DatanodeAddress } from './datanode.ts'

export class DatanodeRegistry {
  readonly #env: Environment
  readonly #settings: Settings
  readonly #byUuid = new Map<string, Datanode>()
  #live: Datanode[] = []

  constructor(env: Environment, settings: Settings) {
    this.#env = env
    this.#settings = settings
  }

  get(uuid: string): Datanode | undefined {
    return this.#byUuid.get(uuid)
  }

  all(): Iterable<Datanode> {
    return this.#byUuid.values()
  }

  live(): readonly Datanode[] {
    return this.#live
  }

  get liveCount(): number {
    return this.#live.length
  }

  get deadCount(): number {
    return this.#byUuid.size - this.#live.length
  }

  /** Milliseconds without a heartbeat after which a DataNode is dead. */
  get deadAfterMs(): number {
    return 2 * this.#settings.heartbeatRecheckMs + 10 * this.#settings.heartbeatIntervalMs
  }

  isStale(datanode: Datanode): boolean {
    return this.#env.elapsed() - datanode.lastHeartbeatMs > this.#settings.staleIntervalMs
  }

  /** The DataNode at this transfer address, for what clients name by `host:port`. */
  byTransferAddress(address: string): Datanode | undefined {
    for (const datanode of this.#byUuid.values()) {
      const { ipAddr, hostName, xferPort } = datanode.address
      if (address === `${ipAddr}:${xferPort}` || address === `${hostName}:${xferPort}`) return datanode
    }
    return undefined
  }

  /**
   * Takes a DataNode in, new or known; returns it with the node that used its address under another id before, whose
   * replicas are gone.
   */
  register(
    uuid: string,
    address: DatanodeAddress,
    softwareVersion: string,
  ): { datanode: Datanode; replaced: Datanode | undefined } {
    const replaced = this.byTransferAddress(`${address.ipAddr}:${address.xferPort}`)
    let datanode = this.#byUuid.get(uuid)
    if (datanode === undefined) {
      datanode = new Datanode(uuid, address)
      this.#byUuid.set(uuid, datanode)
    }
    datanode.address = address
    datanode.softwareVersion = softwareVersion
    this.heard(datanode)
    if (replaced === undefined || replaced === datanode) return { datanode, replaced: undefined }
    this.#byUuid.delete(replaced.uuid)
    replaced.alive = false
    this.#refreshLive()
    return { datanode, replaced }
  }

  /** A sign of life. */
  heard(datanode: Datanode): void {
    datanode.lastHeartbeatMs = this.#env.elapsed()
    datanode.lastUpdateMs = this.#env.now()
    if (datanode.alive && this.#live.includes(datanode)) return
    datanode.alive = true
    this.#refreshLive()
  }

  /** Declares those dead that were not heard of for too long, and returns them. */
  takeDead(): Datanode[] {
    const before = this.#env.elapsed() - this.deadAfterMs
    const dead = this.#live.filter((datanode) => datanode.lastHeartbeatMs < before)
    for (const datanode of dead) this.declareDead(datanode)
    return dead
  }

  declareDead(datanode: Datanode): void {
    datanode.alive = false
    this.#refreshLive()
  }

  #refreshLive(): void {
    this.#live = [...this.#byUuid.values()].filter((datanode) => datanode.alive)
  }
}
