import { RemoteException, type RpcAddress } from '@cairn/hadoop-ipc'
import { javaExceptions } from '@cairn/hdfs-protocol'
import type { Logger } from '../logger.ts'
import type { NamenodeAddress, Nameservices } from './configured-nameservices.ts'
import type { NamenodeActor } from './namenode-actor.ts'
import type { Nameservice } from './nameservice.ts'

export interface BlockPoolsOptions {
  readonly logger: Logger
  make(
    name: string,
    namenodes: readonly NamenodeAddress[],
    ended: (service: Nameservice) => void,
  ): Nameservice
  /** Nobody rules the pool here any more: its replicas stay on disk and are served no longer. */
  left(blockPoolId: string): Promise<void>
  /** No nameservice takes this node any more. */
  ended(): void
}

/** The nameservices that this node is in, one block pool each; Java's `BlockPoolManager`. */
export class BlockPools {
  readonly #options: BlockPoolsOptions
  readonly #services = new Map<string, Nameservice>()
  #stopped = false
  #refreshing: Promise<void> = Promise.resolve()

  constructor(nameservices: Nameservices, options: BlockPoolsOptions) {
    this.#options = options
    for (const [name, namenodes] of Object.entries(nameservices)) this.#add(name, namenodes)
  }

  get services(): IterableIterator<Nameservice> {
    return this.#services.values()
  }

  /** All NameNodes. */
  *actors(): Generator<NamenodeActor> {
    for (const service of this.#services.values()) yield* service.actors
  }

  /** The nameservice of a pool; undefined when no NameNode rules it here. */
  ofPool(blockPoolId: string): Nameservice | undefined {
    for (const service of this.#services.values()) if (service.blockPoolId === blockPoolId) return service
    return undefined
  }

  /** Where the NameNode listens that rules a pool; throws where none does now. */
  namenodeOf(blockPoolId: string): RpcAddress {
    const address = this.ofPool(blockPoolId)?.active?.link.address
    if (address !== undefined) return address
    throw new RemoteException(javaExceptions.IOException, `No active NameNode for block pool ${blockPoolId}`)
  }

  start(): void {
    for (const service of this.#services.values()) service.start()
  }

  /** When every nameservice has this node's blocks. */
  async ready(): Promise<void> {
    await Promise.all([...this.#services.values()].map((service) => service.ready()))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#services.values()].map((service) => service.stop()))
  }

  /**
   * Joins nameservices that are new and leaves those that are gone, `refreshNamenodes` [dnp.federation.3]. Those that
   * had refused this node are tried again.
   */
  refresh(nameservices: Nameservices): Promise<void> {
    const done = this.#refreshing.then(() => this.#refresh(nameservices))
    this.#refreshing = done.catch(() => {})
    return done
  }

  async #refresh(nameservices: Nameservices): Promise<void> {
    for (const [name, service] of [...this.#services]) {
      const stays =
        nameservices[name] !== undefined && service.actors.some(({ state }) => state !== 'refused')
      if (stays) continue
      this.#services.delete(name)
      await service.stop()
      const { blockPoolId } = service
      this.#options.logger.info({ nameservice: name, blockPoolId }, 'left a nameservice')
      if (blockPoolId !== undefined) await this.#options.left(blockPoolId)
    }
    for (const [name, namenodes] of Object.entries(nameservices)) {
      const present = this.#services.get(name)
      if (present) await present.refresh(namenodes)
      else if (!this.#stopped) this.#add(name, namenodes).start()
    }
  }

  #add(name: string, namenodes: readonly NamenodeAddress[]): Nameservice {
    const service = this.#options.make(name, namenodes, (ended) => this.#ended(ended))
    this.#services.set(name, service)
    return service
  }

  /** A refused nameservice stays in sight; its pool goes, and with the last one the node. */
  #ended(service: Nameservice): void {
    if (this.#stopped) return
    const { blockPoolId } = service
    const others = [...this.#services.values()].some(({ actors }) =>
      actors.some(({ state }) => state !== 'refused'),
    )
    if (!others) this.#options.ended()
    else if (blockPoolId !== undefined) {
      this.#options.left(blockPoolId).catch((error: Error) => {
        this.#options.logger.error({ blockPoolId, error: error.message }, 'could not close a block pool')
      })
    }
  }
}
