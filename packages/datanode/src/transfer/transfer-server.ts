import { secureConnection } from '@cairn/hdfs-block-io'
import type { Handshake } from '@cairn/hdfs-protocol'
import { type Connection, type Listener, listenTcp, SweepTimer } from '@cairn/transport'
import { makeOperation } from './operation-table.ts'
import type { TransferContext } from './transfer-context.ts'
import { TransferLink } from './transfer-link.ts'

const sweepMs = 1_000

/** How long writers are given to hang up after they were told of a restart; as long as Java's `DataXceiverServer`. */
const announceMs = 2_000

/** The data transfer port. */
export class TransferServer {
  readonly #context: TransferContext
  readonly #links = new Set<TransferLink>()
  /** Connections that have not logged in yet. */
  readonly #handshakes = new Set<Connection>()
  readonly #sweep = new SweepTimer(sweepMs, (nowMs) => {
    for (const link of this.#links) link.checkIdle(nowMs)
  })
  #listener: Listener | undefined
  /** Connections beyond which new ones are closed at once; a change does not end those that are open. */
  connectionsMax: number

  constructor(context: TransferContext) {
    this.#context = context
    this.connectionsMax = context.xceiversMax
  }

  /** Operations in progress, as heartbeats report them. */
  get xceiverCount(): number {
    let count = 0
    for (const link of this.#links) if (link.busy) count++
    return count
  }

  get connections(): number {
    return this.#links.size + this.#handshakes.size
  }

  async listen(options: { host: string; port: number }): Promise<{ host: string; port: number }> {
    const { logger } = this.#context
    this.#listener = await listenTcp({
      ...options,
      // Whatever is unsent counts: "drained" then means that a buffer may be used again.
      highWaterBytes: 1,
      onConnection: (connection) => this.serve(connection),
      onError: (error) =>
        logger.warn({ code: error.code, error: error.message }, 'data transfer accept failed'),
    })
    this.#sweep.start()
    return { host: this.#listener.host, port: this.#listener.port }
  }

  /** Serves one connection, however it came about. */
  serve(connection: Connection): void {
    if (this.connections >= this.connectionsMax) {
      const found = `found ${this.connections} open; the limit is ${this.connectionsMax}`
      this.#context.logger.warn({ peer: connection.remoteAddress }, `accept a connection: ${found}`)
      connection.destroy()
      return
    }
    const handshake = this.#context.security.incoming(connection.localPort)
    if (handshake === undefined) this.#serveOperations(connection)
    else void this.#serveSecured(connection, handshake)
  }

  #serveOperations(connection: Connection): void {
    const link = new TransferLink(connection, this.#context, makeOperation)
    this.#links.add(link)
    void connection.done.then(() => this.#links.delete(link))
  }

  async #serveSecured(connection: Connection, handshake: Handshake): Promise<void> {
    const { logger, idleMs } = this.#context
    this.#handshakes.add(connection)
    void connection.done.then(() => this.#handshakes.delete(connection))
    try {
      const secured = await secureConnection(connection, handshake, { timeoutMs: idleMs })
      this.#handshakes.delete(connection)
      this.#serveOperations(secured)
    } catch (error) {
      const peer = `${connection.remoteAddress}:${connection.remotePort}`
      logger.warn({ peer, error: (error as Error).message }, 'did not let a connection in')
    }
  }

  /** Ends every client's write: the clients go on without this node. Answers how many there were. */
  evictWriters(): number {
    return this.#endWrites(undefined).length
  }

  /**
   * Takes no more connections, tells every writer that this node will be back before `untilMs` (`OOB_RESTART`), and
   * gives the writers a little time to hear it.
   */
  async announceRestart(untilMs: number): Promise<void> {
    await this.#listener?.close()
    const told = this.#endWrites(untilMs)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, announceMs)
    })
    await Promise.race([Promise.all(told.map((link) => link.connection.done)), late])
    clearTimeout(timer)
  }

  #endWrites(restartUntilMs: number | undefined): TransferLink[] {
    return [...this.#links].filter((link) => link.leavePipeline(restartUntilMs))
  }

  async close(): Promise<void> {
    this.#sweep.stop()
    await this.#context.peers.close()
    await this.#listener?.close()
    for (const connection of this.#handshakes) connection.destroy()
    const links = [...this.#links]
    for (const link of links) {
      link.connection.flush()
      link.connection.destroy()
    }
    await Promise.all(links.map((link) => link.connection.done))
  }
}
