import { join } from 'node:path'
import { type NameNode, startNameNode } from '@cairn/namenode'
import type { Logger } from '../logger.ts'
import { namenodeOptions } from '../roles/hadoop-conf.ts'
import type { StartRequest } from './contract-cluster.ts'
import { UnsupportedError } from './unsupported-error.ts'

/** What the tests' cluster asks of its NameNode, Cairn's or Java's. */
export interface ContractNamenode {
  /** RPC port; after `start()`. It stays when the NameNode is stopped and started. */
  readonly port: number
  /** Port of Java's web server; 0 where there is none. */
  readonly httpPort: number
  start(): Promise<void>
  stop(): Promise<void>
  /** Stops for good. */
  close(): Promise<void>
  /** When it accepts changes. */
  ready(signal: AbortSignal): Promise<void>
  /** Milliseconds; a restarted NameNode may have its own again. */
  setLeaseLimits(softMs: number, hardMs: number): Promise<void>
  setGroups(user: string, groups: readonly string[]): Promise<void>
  setRack(hostName: string, rack: string): Promise<void>
  markDead(uuid: string): Promise<void>
}

/** Cairn's NameNode, in this process. */
export class OurNamenode implements ContractNamenode {
  port: number
  readonly httpPort = 0
  readonly #request: StartRequest
  readonly #groups: ReadonlyMap<string, readonly string[]>
  readonly #logger: Logger
  #namenode: NameNode | undefined

  constructor(request: StartRequest, groups: ReadonlyMap<string, readonly string[]>, logger: Logger) {
    this.#request = request
    this.#groups = groups
    this.#logger = logger
    this.port = request.nnPort ?? 0
  }

  async start(): Promise<void> {
    const { conf, datanodes, dir } = this.#request
    const spec = { kind: 'namenode', dir, host: '127.0.0.1', port: this.port, datanodes, conf } as const
    this.#namenode = await startNameNode({
      // Java's own number: tests count on it when they start a cluster without DataNodes.
      ...namenodeOptions({ ...spec, conf: { 'dfs.namenode.safemode.min.datanodes': 0, ...conf } }),
      dir: join(dir, 'namenode'),
      port: this.port,
      groupsOf: (user) => this.#groups.get(user),
      minDatanodes: 0,
      logger: this.#logger,
    })
    this.port = this.#namenode.address.port
  }

  async stop(): Promise<void> {
    await this.#namenode?.close()
    this.#namenode = undefined
  }

  close(): Promise<void> {
    return this.stop()
  }

  async ready(signal: AbortSignal): Promise<void> {
    await this.#namenode?.ready({ signal })
  }

  async setLeaseLimits(softMs: number, hardMs: number): Promise<void> {
    this.#namenode?.setLeaseLimits({ softMs, hardMs })
  }

  async setGroups(): Promise<void> {
    this.#namenode?.refreshGroups()
  }

  async setRack(): Promise<void> {
    throw new UnsupportedError('racks')
  }

  async markDead(): Promise<void> {
    throw new UnsupportedError('markDataNodeDead')
  }
}
