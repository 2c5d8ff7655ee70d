import { Status } from '@cairn/hadoop-proto'
import { encodePipelineAck, replyOfStatus, unknownSeqno } from '@cairn/hdfs-protocol'
import { type Connection, type Listener, listenTcp, SweepTimer } from '@cairn/transport'
import { makeOperation } from './operation-table.ts'
import type { TransferContext } from './transfer-context.ts'
import { TransferLink } from './transfer-link.ts'

const sweepMs = 1_000

/** The data transfer port. */
export class TransferServer {
  readonly #context: TransferContext
  readonly #links = new Set<TransferLink>()
  readonly #sweep = new SweepTimer(sweepMs, (nowMs) => {
    for (const link of this.#links) link.checkIdle(nowMs)
  })
  #listener: Listener | undefined

  constructor(context: TransferContext) {
    this.#context = context
  }

  /** Operations in progress, as heartbeats report them. */
  get xceiverCount(): number {
    let count = 0
    for (const link of this.#links) if (link.busy) count++
    return count
  }

  get connections(): number {
    return this.#links.size
  }

  async listen(options: { host: string; port: number }): Promise<{ host: string; port: number }> {
    const { logger, xceiversMax } = this.#context
    this.#listener = await listenTcp({
      ...options,
      maxConnections: xceiversMax,
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
    const link = new TransferLink(connection, this.#context, makeOperation)
    this.#links.add(link)
    void connection.done.then(() => this.#links.delete(link))
  }

  /** Tells every writer that this node will be back soon (`OOB_RESTART`), so that it waits instead of going on without. */
  announceRestart(): void {
    const ack = encodePipelineAck({
      seqno: unknownSeqno,
      replies: [replyOfStatus(Status.OOB_RESTART)],
      downstreamAckTimeNanos: 0n,
    })
    for (const link of this.#links) if (link.acknowledges) link.connection.write(ack)
  }

  async close(): Promise<void> {
    this.#sweep.stop()
    await this.#listener?.close()
    const links = [...this.#links]
    for (const link of links) {
      link.connection.flush()
      link.connection.destroy()
    }
    await Promise.all(links.map((link) => link.connection.done))
  }
}
