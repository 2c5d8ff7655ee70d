import { generation9, type RpcGeneration, rpcLimits } from '@cairn/hadoop-rpc'
import { type Connection, type Listener, listenTcp, SweepTimer } from '@cairn/transport'
import {
  closeMsDefault,
  frameMsDefault,
  handshakeMsDefault,
  rpcReadBytes,
  serverIdleMsDefault,
  stallMsDefault,
  sweepIntervalMs,
  unsentBytesMax,
} from './limits.ts'
import { type Logger, silentLogger } from './logger.ts'
import { protocolInfoService } from './protocol-info-service.ts'
import type { RpcService } from './rpc-service.ts'
import { ServerConnection } from './server-connection.ts'

/** What a server speaks and what it puts up with. */
export interface RpcServerOptions {
  readonly services: readonly RpcService[]
  /** What it speaks, the favourite first. Default: version 9. */
  readonly generations?: readonly RpcGeneration[] | undefined
  /** What to do to have more of them; refusals say so. */
  readonly moreGenerationsHint?: string | undefined
  /** Largest request. Default 128 MiB. */
  readonly requestFrameBytesMax?: number
  /** Unanswered calls of one connection before it is no longer read. Default 1,024. */
  readonly callsInFlightMax?: number
  /** Open connections beyond which new ones are closed at once. Default: no limit. */
  readonly maxConnections?: number
  /** Time until the connection context must have come. Default 5 s. */
  readonly handshakeMs?: number
  /** A connection without calls is closed after this. Default 60 s. */
  readonly idleMs?: number
  /** Half a frame and then silence for this long closes the connection. Default 10 s. */
  readonly stallMs?: number
  /** The longest that one frame may take to come. Default 120 s. */
  readonly frameMs?: number
  /** Default: silent. */
  readonly logger?: Logger
}

/**
 * Answers Hadoop RPC. Each connection is isolated: what a peer sends wrong is answered as Hadoop does, logged, and
 * closes that connection alone; what a handler throws fails that call alone.
 */
export class RpcServer implements AsyncDisposable {
  readonly #options: RpcServerOptions
  readonly #services = new Map<string, RpcService>()
  readonly #connections = new Set<ServerConnection>()
  readonly #logger: Logger
  readonly #timer = new SweepTimer(sweepIntervalMs, (nowMs) => {
    for (const connection of this.#connections) connection.sweep(nowMs)
  })
  #listener: Listener | undefined
  #closing: Promise<void> | undefined

  constructor(options: RpcServerOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    for (const service of options.services) this.#services.set(service.protocol, service)
    const info = protocolInfoService(this.#services)
    this.#services.set(info.protocol, info)
  }

  /** Listens; port 0 takes a free one. Rejects with `TransportError` (`EADDRINUSE`, …). */
  async listen(options: { host?: string; port: number }): Promise<{ host: string; port: number }> {
    const { maxConnections } = this.#options
    const listener = await listenTcp({
      host: options.host ?? '127.0.0.1',
      port: options.port,
      readBytes: rpcReadBytes,
      highWaterBytes: unsentBytesMax,
      ...(maxConnections === undefined ? {} : { maxConnections }),
      onConnection: (connection) => this.serve(connection),
      onError: (error) => this.#logger.warn({ code: error.code, reason: error.message }, 'rpc accept failed'),
    })
    this.#listener = listener
    return { host: listener.host, port: listener.port }
  }

  /** Serves a connection that someone else has made. */
  serve(connection: Connection): void {
    if (this.#closing !== undefined) {
      connection.destroy()
      return
    }
    const options = this.#options
    const served = new ServerConnection(connection, {
      services: this.#services,
      generations: options.generations ?? [generation9],
      moreHint: options.moreGenerationsHint,
      requestFrameBytesMax: options.requestFrameBytesMax ?? rpcLimits.requestFrameBytesMax,
      callsInFlightMax: options.callsInFlightMax ?? rpcLimits.callsInFlightMax,
      handshakeMs: options.handshakeMs ?? handshakeMsDefault,
      idleMs: options.idleMs ?? serverIdleMsDefault,
      stallMs: options.stallMs ?? stallMsDefault,
      frameMs: options.frameMs ?? frameMsDefault,
      logger: this.#logger,
    })
    this.#connections.add(served)
    this.#timer.start()
    void served.done.then(() => {
      this.#connections.delete(served)
      if (this.#connections.size === 0) this.#timer.stop()
    })
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size
  }

  /** Calls being handled now, over all connections. */
  get callsInFlight(): number {
    let sum = 0
    for (const connection of this.#connections) sum += connection.callsInFlight
    return sum
  }

  /**
   * Accepts no more connections and no more calls, answers those it has accepted, closes. Calls that take longer
   * than `timeoutMs` (default 10 s) are dropped. Idempotent.
   */
  close(options: { timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? closeMsDefault)
    return this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.#listener?.close()
    const open = [...this.#connections]
    for (const connection of open) connection.end()
    const timer = setTimeout(() => {
      for (const connection of open) connection.destroy()
    }, timeoutMs)
    await Promise.all(open.map((connection) => connection.done))
    clearTimeout(timer)
    this.#timer.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
