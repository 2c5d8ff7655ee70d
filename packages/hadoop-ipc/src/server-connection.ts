import { ProtocolError } from '@cairn/bytes'
import {
  PreambleSession,
  type ProtocolDialect,
  RemoteException,
  type RpcGeneration,
  type ServerCall,
  type ServerSession,
} from '@cairn/hadoop-rpc'
import type { Connection } from '@cairn/transport'
import { ServerCallContext } from './call-context.ts'
import { serverCalls } from './diagnostics.ts'
import { asRemoteException, decodeRequest, findMethod, findMethodInDialect } from './dispatch.ts'
import { lingerMs, unsentBytesMax } from './limits.ts'
import type { Logger } from './logger.ts'
import type { BoundMethod, RpcService } from './rpc-service.ts'

/** What all connections of a server share. */
export interface ServerConnectionOptions {
  readonly services: ReadonlyMap<string, RpcService>
  readonly generations: readonly RpcGeneration[]
  /** What to do to have more generations, for refusals. */
  readonly moreHint: string | undefined
  readonly requestFrameBytesMax: number
  readonly callsInFlightMax: number
  readonly handshakeMs: number
  readonly idleMs: number
  readonly stallMs: number
  readonly frameMs: number
  readonly logger: Logger
}

/**
 * One client: its calls are dispatched as they are decoded and answered in the order in which handlers finish.
 * All answers of one read leave in one write; those of asynchronous handlers leave together per turn.
 */
export class ServerConnection {
  readonly #connection: Connection
  readonly #options: ServerConnectionOptions
  /** Until the client's preamble has come. */
  #preamble: PreambleSession | undefined
  #session: ServerSession
  /** Undefined: all calls are in today's words. */
  #dialects: ReadonlyMap<string, ProtocolDialect> | undefined
  readonly #aborter = new AbortController()
  #processing = false
  #flushScheduled = false
  #draining = false
  /** `process()` left frames in the input because too many calls were in flight. */
  #stopped = false
  #ending = false
  /** When the last answer was sent and FIN followed; 0 = not yet. */
  #finishedMs = 0
  #closed = false
  #lastReceiveMs: number
  /** When the bytes that are no complete frame yet began to come; 0 = there are none. */
  #frameSinceMs = 0
  readonly #openedMs: number
  readonly #flushNow = (): void => {
    this.#flushScheduled = false
    this.#flush()
  }

  constructor(connection: Connection, options: ServerConnectionOptions) {
    this.#connection = connection
    this.#options = options
    this.#openedMs = performance.now()
    this.#lastReceiveMs = this.#openedMs
    this.#preamble = new PreambleSession({
      generations: options.generations,
      moreHint: options.moreHint,
      requestFrameBytesMax: options.requestFrameBytesMax,
      callsInFlightMax: options.callsInFlightMax,
      events: { onContext: () => {}, onCall: (call) => this.#onCall(call) },
    })
    this.#session = this.#preamble
    connection.start({
      input: this.#session.input,
      onReceive: () => this.#onReceive(),
      onEnd: () => this.end(),
      onClose: (error) => this.#onClose(error),
    })
  }

  get peer(): string {
    return `${this.#connection.remoteAddress}:${this.#connection.remotePort}`
  }

  get callsInFlight(): number {
    return this.#session.callsInFlight
  }

  get done(): Promise<void> {
    return this.#connection.done
  }

  #onReceive(): void {
    if (this.#ending) {
      // Reading until the peer's FIN lets the last answer arrive: closing over unread bytes would reset it.
      this.#session.input.consume(this.#session.input.length)
      return
    }
    this.#lastReceiveMs = performance.now()
    this.#process()
  }

  #process(): void {
    const { input } = this.#session
    const received = input.length
    this.#processing = true
    try {
      this.#session.process()
      if (this.#preamble !== undefined) this.#choose(this.#preamble)
    } catch (error) {
      this.#refuse(error)
    }
    this.#processing = false
    this.#flush()
    if (!this.#session.midFrame) this.#frameSinceMs = 0
    else if (this.#frameSinceMs === 0 || input.length < received) this.#frameSinceMs = this.#lastReceiveMs
    this.#stopped = this.#session.blocked
    if (this.#stopped) this.#connection.pause()
  }

  /** The client has said what it speaks, or not yet [hgen.choose.1]. */
  #choose({ chosen, generation }: PreambleSession): void {
    if (chosen === undefined || generation === undefined) return
    this.#preamble = undefined
    this.#session = chosen
    if (generation.dialects.size > 0) this.#dialects = generation.dialects
    chosen.process()
  }

  /** The session has queued a last answer for faults that have one. */
  #refuse(error: unknown): void {
    const { logger } = this.#options
    if (error instanceof ProtocolError) {
      logger.warn({ peer: this.peer, code: error.code, reason: error.message }, 'rpc connection refused')
    } else {
      logger.error({ peer: this.peer, error }, 'rpc connection failed')
    }
    this.#ending = true
    this.#finish()
  }

  #flush(): void {
    if (this.#closed || !this.#session.hasOutput) return
    this.#connection.write(this.#session.output)
    this.#connection.flush()
    // Mostly the system has taken everything by now, and the memory can serve again.
    const { bufferedBytes } = this.#connection
    this.#session.releaseOutput(bufferedBytes === 0)
    const keepsUp = bufferedBytes < unsentBytesMax
    if (!keepsUp && !this.#draining) this.#drain()
  }

  /** A client that does not read its answers may not ask for more [hrpc.live.3]. */
  #drain(): void {
    this.#draining = true
    this.#connection.pause()
    this.#connection.drained().then(
      () => {
        this.#draining = false
        this.#continue()
      },
      () => {
        // The connection closed meanwhile, and onClose has been told.
      },
    )
  }

  /** Reads on where `blocked` or `#drain` had stopped, beginning with what is received already. */
  #continue(): void {
    if (this.#closed || this.#ending || this.#draining || this.#processing) return
    this.#process()
    if (!this.#stopped && !this.#draining && !this.#ending) this.#connection.resume()
  }

  #scheduleFlush(): void {
    if (this.#processing || this.#flushScheduled) return
    this.#flushScheduled = true
    process.nextTick(this.#flushNow)
  }

  #onCall(call: ServerCall): void {
    const startMs = serverCalls.hasSubscribers ? performance.now() : 0
    let method: BoundMethod
    let answer: unknown
    try {
      const dialect = this.#dialects?.get(call.protocol)
      method =
        dialect === undefined
          ? findMethod(this.#options.services, call)
          : findMethodInDialect(this.#options.services, call, dialect)
      const request = decodeRequest(method, call)
      answer = method.handle(request, this.#contextOf(call, method.name))
    } catch (error) {
      this.#fail(call, error, startMs)
      return
    }
    if (answer instanceof Promise) {
      answer.then(
        (response) => this.#answer(call, method, response, startMs),
        (error) => this.#fail(call, error, startMs),
      )
    } else {
      this.#answer(call, method, answer, startMs)
    }
  }

  #contextOf(call: ServerCall, method: string): ServerCallContext {
    const { remoteAddress, remotePort } = this.#connection
    return new ServerCallContext(
      call,
      method,
      this.#session.context,
      remoteAddress,
      remotePort,
      this.#aborter,
    )
  }

  #answer(call: ServerCall, method: BoundMethod, response: unknown, startMs: number): void {
    if (this.#closed) return
    try {
      this.#session.respond(call, method.response, response)
    } catch (error) {
      this.#fail(call, error, startMs)
      return
    }
    if (startMs > 0) this.#publish(call, startMs, undefined)
    this.#answered()
  }

  #fail(call: ServerCall, error: unknown, startMs: number): void {
    if (this.#closed) return
    if (!(error instanceof RemoteException)) {
      const fields = { peer: this.peer, method: call.method, callId: call.callId, error }
      this.#options.logger.error(fields, 'rpc handler failed')
    }
    this.#session.respondError(call, asRemoteException(error))
    if (startMs > 0) this.#publish(call, startMs, error)
    this.#answered()
  }

  #answered(): void {
    if (this.#processing) return
    this.#scheduleFlush()
    if (this.#ending) {
      if (this.#session.callsInFlight === 0) this.#finish()
    } else if (this.#stopped && !this.#session.blocked) {
      this.#continue()
    }
  }

  #publish(call: ServerCall, startMs: number, error: unknown): void {
    serverCalls.publish({
      protocol: call.protocol,
      method: call.method,
      callId: call.callId,
      durationMs: performance.now() - startMs,
      peer: this.peer,
      error,
    })
  }

  /** Closes peers that stall and connections that nobody uses [hrpc.live.2]. */
  sweep(nowMs: number): void {
    const { handshakeMs, idleMs, stallMs, frameMs, logger } = this.#options
    const silentMs = nowMs - this.#lastReceiveMs
    if (this.#finishedMs > 0) {
      if (nowMs - this.#finishedMs >= lingerMs) this.#connection.destroy()
      return
    }
    let reason: string | undefined
    if (this.#session.context === undefined) {
      if (nowMs - this.#openedMs >= handshakeMs) reason = `no connection context within ${handshakeMs} ms`
    } else if (this.#session.midFrame && !this.#draining) {
      if (silentMs >= stallMs) reason = `half a frame, then silence for ${stallMs} ms`
      else if (nowMs - this.#frameSinceMs >= frameMs) reason = `a frame took more than ${frameMs} ms`
    } else if (this.#session.callsInFlight === 0 && silentMs >= idleMs) {
      logger.debug({ peer: this.peer }, 'rpc connection idle')
      this.end()
    }
    if (reason === undefined) return
    logger.warn({ peer: this.peer, reason }, 'rpc connection closed')
    this.#connection.destroy()
  }

  /** Reads no more; closes when the calls in flight are answered. */
  end(): void {
    if (this.#closed || this.#ending) return
    this.#ending = true
    if (this.#session.callsInFlight === 0) this.#finish()
  }

  #finish(): void {
    this.#finishedMs = performance.now()
    this.#flush()
    this.#connection.end()
    this.#connection.resume()
  }

  destroy(): void {
    this.#connection.destroy()
  }

  #onClose(error: Error | undefined): void {
    this.#closed = true
    if (error !== undefined) {
      this.#options.logger.debug({ peer: this.peer, reason: error.message }, 'rpc connection broken')
    }
    this.#aborter.abort(error)
  }
}
