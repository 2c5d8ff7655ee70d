import { ProtocolError } from '@cairn/bytes'
import {
  type ClientSession,
  isNoSuchMethod,
  type MethodForm,
  type RemoteException,
  serverVersions,
} from '@cairn/hadoop-rpc'
import type { Connection } from '@cairn/transport'
import { CallsInDialect, type CallWire } from './calls-in-dialect.ts'
import type { ClientConnectionOptions } from './client-connection-options.ts'
import { clientCalls } from './diagnostics.ts'
import { abandonedCallsMax } from './limits.ts'
import type { PendingCall } from './pending-call.ts'
import { brokenConnection, RpcConnectionError } from './rpc-connection-error.ts'
import { UnsupportedByReleaseError } from './unsupported-by-release-error.ts'

/**
 * One connection to one server for one protocol and user; any number of calls share it.
 *
 *     connecting ──► open ──► gone
 *
 * Calls made while connecting wait unsent, so that an abort or a refused connection leaves no trace on the server.
 * What is called within one turn leaves in one write. While no call waits, the socket does not keep the process.
 */
export class ClientConnection {
  readonly #options: ClientConnectionOptions
  readonly #calls = new Map<number, PendingCall>()
  /** Calls that were sent and given up: their answers may still come. */
  readonly #abandoned = new Set<number>()
  readonly #session: ClientSession
  /** Undefined: today's methods are said as they are [hgen.dialect.3]. */
  readonly #dialect: CallsInDialect | undefined
  readonly #connecting = new AbortController()
  #connection: Connection | undefined
  #retired = false
  #gone = false
  #ending = false
  #flushScheduled = false
  #answered = false
  #spoken = false
  #firstSentMs: number | undefined
  #probed = false
  #lastReceiveMs = performance.now()
  #lastPingMs = 0
  #idleSinceMs = performance.now()
  readonly #flushNow = (): void => this.#flush()

  constructor(options: ClientConnectionOptions) {
    this.#options = options
    const dialect = options.generation.dialects.get(options.protocol)
    this.#dialect = dialect && new CallsInDialect(dialect, this.#wire())
    this.#session = options.generation.clientSession({
      user: options.user,
      realUser: options.realUser,
      callerContext: options.callerContext,
      protocol: options.protocol,
      clientId: options.clientId,
      events: {
        onResponse: (callId, bytes, start, end) => this.#onResponse(callId, bytes, start, end),
        onError: (callId, error) => this.#onError(callId, error),
        onFatal: (error) => this.#onFatal(error),
      },
    })
    options.connect(this.#connecting.signal).then(
      (connection) => this.#open(connection),
      (error: unknown) =>
        this.#fail((call) => brokenConnection(error, this.#options.address, call.sent, this.#answered)),
    )
  }

  get address(): string {
    return this.#options.address
  }

  /** Nothing will be answered here any more. */
  get gone(): boolean {
    return this.#gone || (this.#ending && this.#calls.size === 0)
  }

  get callsInFlight(): number {
    return this.#calls.size
  }

  /** Queues a call. Throws when its request cannot be encoded or its call id is in use. */
  add(call: PendingCall): void {
    if (this.#calls.has(call.callId)) {
      throw new ProtocolError(
        'ERR_HRPC_CALL_ID',
        `call ${call.method.name}: found call id ${call.callId} in flight already; each may be used once at a time`,
        { side: 'local' },
      )
    }
    if (this.#connection !== undefined) {
      // Asked before: a call of several parts puts the first of them.
      const idle = this.#calls.size === 0
      if (!this.#send(call)) return
      if (idle) this.#connection.ref()
    }
    this.#put(call)
  }

  #put(call: PendingCall): void {
    this.#calls.set(call.callId, call)
    const { signal } = call
    if (signal !== undefined) {
      call.onAbort = () => {
        this.#abandon(call)
        this.#end(call, () => call.reject(signal.reason))
      }
      signal.addEventListener('abort', call.onAbort, { once: true })
    }
  }

  /** Takes a call off the list, unless that has happened, and settles it. */
  #end(call: PendingCall, settle: (call: PendingCall) => void): void {
    if (this.#settle(call.callId) === undefined) return
    settle(call)
    if (this.#calls.size === 0) this.#nowIdle()
  }

  #wire(): CallWire {
    const { address, protocol, generation } = this.#options
    return {
      address,
      protocol,
      generation,
      send: (call, form) => this.#sendAs(call, form),
      part: (whole, form, request) => this.#part(whole, form, request),
      waits: (call) => this.#calls.get(call.callId) === call,
      end: (call, settle) => this.#end(call, settle),
    }
  }

  #part<Q, S>(whole: PendingCall, form: MethodForm<Q, S>, request: Q): Promise<S> {
    return new Promise<S>((resolve, reject) => {
      const call: PendingCall = {
        callId: this.#options.nextCallId(),
        retryCount: 0,
        method: form as MethodForm,
        answerCodec: form.response,
        request,
        deadlineMs: whole.deadlineMs,
        startMs: performance.now(),
        signal: whole.signal,
        kind: 'part',
        resolve: resolve as (response: unknown) => void,
        reject,
        sent: false,
        onAbort: undefined,
      }
      if (this.#gone) throw brokenConnection(undefined, this.#options.address, whole.sent, this.#answered)
      whole.signal?.throwIfAborted()
      this.#sendAs(call, call.method)
      whole.sent = true
      this.#put(call)
    })
  }

  /** False: the call is settled already. */
  #send(call: PendingCall): boolean {
    if (this.#dialect !== undefined && call.kind === 'today') return this.#dialect.send(call)
    this.#sendAs(call, call.method)
    return true
  }

  #sendAs(call: PendingCall, form: MethodForm): void {
    this.#session.call(call.callId, call.retryCount, form.name, form.request, call.request)
    call.sent = true
    this.#firstSentMs ??= performance.now()
    if (!this.#flushScheduled) {
      this.#flushScheduled = true
      process.nextTick(this.#flushNow)
    }
  }

  #flush(): void {
    this.#flushScheduled = false
    const connection = this.#connection
    if (connection === undefined || this.#gone || !this.#session.hasOutput) return
    connection.write(this.#session.output)
    connection.flush()
    // Mostly the system has taken everything by now, and the memory can serve again.
    this.#session.releaseOutput(connection.bufferedBytes === 0)
  }

  #open(connection: Connection): void {
    if (this.#gone) {
      connection.destroy()
      return
    }
    this.#connection = connection
    connection.start({
      input: this.#session.input,
      onReceive: () => this.#onReceive(),
      onEnd: () => {
        this.#retire()
        connection.end()
      },
      onClose: (error) => this.#onClose(error),
    })
    for (const call of this.#calls.values()) {
      try {
        if (call.kind !== 'part' && !this.#send(call)) this.#settle(call.callId)
      } catch (error) {
        this.#settle(call.callId)?.reject(error)
      }
    }
    this.#flush()
    if (this.#calls.size === 0) connection.unref()
    if (this.#ending) this.end()
  }

  #onReceive(): void {
    this.#lastReceiveMs = performance.now()
    this.#answered = true
    this.#session.process()
    if (this.#calls.size === 0) this.#nowIdle()
  }

  #nowIdle(): void {
    this.#idleSinceMs = performance.now()
    this.#connection?.unref()
    if (this.#ending) this.end()
  }

  /**
   * The call that was answered; undefined when nobody waits for it any more (aborted or timed out). Throws
   * `ProtocolError` for one that was never made: whoever answers that answers somebody else's calls [hrpc.response.2].
   */
  #answeredCall(callId: number): PendingCall | undefined {
    const call = this.#settle(callId)
    if (call !== undefined || this.#abandoned.delete(callId)) return call
    // More were given up than are remembered: it may be one of those.
    if (this.#abandoned.size >= abandonedCallsMax) return undefined
    throw new ProtocolError(
      'ERR_HRPC_CALL_ID',
      `read an answer of ${this.#options.address}: found call id ${callId}, which was never called, or was answered before`,
    )
  }

  #abandon(call: PendingCall): void {
    if (call.sent && this.#abandoned.size < abandonedCallsMax) this.#abandoned.add(call.callId)
  }

  /** Takes a call off the list; `undefined` when it is not on it. */
  #settle(callId: number): PendingCall | undefined {
    const call = this.#calls.get(callId)
    if (call === undefined) return undefined
    this.#calls.delete(callId)
    if (call.onAbort !== undefined) call.signal?.removeEventListener('abort', call.onAbort)
    return call
  }

  #onResponse(callId: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#spoken) this.#nowSpoken()
    const call = this.#answeredCall(callId)
    if (call === undefined) return
    try {
      call.resolve(call.answerCodec.decode(bytes, start, end))
      if (clientCalls.hasSubscribers) this.#publish(call, undefined)
    } catch (error) {
      call.reject(error)
      if (clientCalls.hasSubscribers) this.#publish(call, error)
    }
  }

  #nowSpoken(): void {
    this.#spoken = true
    this.#options.onSpoken()
    this.#dialect?.spoken()
  }

  #onError(callId: number, exception: RemoteException): void {
    if (!this.#spoken) this.#nowSpoken()
    const call = this.#answeredCall(callId)
    if (call === undefined) return
    const { address, protocol, generation } = this.#options
    exception.address = address
    const error = isNoSuchMethod(exception)
      ? new UnsupportedByReleaseError({
          address,
          protocol,
          method: call.method.name,
          generation,
          dialect: generation.dialects.get(protocol),
          cause: exception,
        })
      : exception
    call.reject(error)
    if (clientCalls.hasSubscribers) this.#publish(call, error)
  }

  #onFatal(error: RemoteException): void {
    error.address = this.#options.address
    if (!this.#spoken && serverVersions(error) !== undefined && this.#options.onOtherGeneration(error)) return
    this.#fail(() => error)
    this.#connection?.destroy()
  }

  #onClose(error: Error | undefined): void {
    const lost = !this.#gone && !this.#ending
    const silent = lost && !this.#answered && this.#firstSentMs !== undefined
    if (silent && this.#options.onOtherGeneration(undefined)) return
    this.#fail((call) => brokenConnection(error, this.#options.address, call.sent, this.#answered))
    if (lost) this.#options.onLost()
  }

  #publish(call: PendingCall, error: unknown): void {
    const { protocol, address } = this.#options
    const durationMs = performance.now() - call.startMs
    clientCalls.publish({
      protocol,
      method: call.method.name,
      callId: call.callId,
      durationMs,
      peer: address,
      error,
    })
  }

  #fail(reason: (call: PendingCall) => Error): void {
    this.#gone = true
    this.#retire()
    for (const callId of [...this.#calls.keys()]) {
      const call = this.#settle(callId)
      if (call === undefined) continue
      const error = reason(call)
      call.reject(error)
      if (clientCalls.hasSubscribers) this.#publish(call, error)
    }
  }

  /** Ends this connection without settling its calls, which another then makes anew; parts of calls fail with `reason`. */
  takeCalls(reason: Error): PendingCall[] {
    const taken: PendingCall[] = []
    for (const callId of [...this.#calls.keys()]) {
      const call = this.#settle(callId)
      if (call !== undefined && call.kind !== 'part') taken.push(call)
      else call?.reject(reason)
    }
    this.destroy(() => reason)
    return taken
  }

  /** Timeouts, pings and idleness [hrpc.live.1]; called every `sweepIntervalMs`. */
  sweep(nowMs: number): void {
    if (this.#calls.size === 0) {
      if (nowMs - this.#idleSinceMs >= this.#options.idleMs) this.end()
      return
    }
    const { address, pingIntervalMs } = this.#options
    for (const call of this.#calls.values()) {
      if (nowMs < call.deadlineMs) continue
      this.#abandon(call)
      this.#settle(call.callId)
      const message = `call ${call.method.name} of ${address}: no answer within ${Math.round(call.deadlineMs - call.startMs)} ms`
      const error = new RpcConnectionError('ERR_RPC_TIMEOUT', message, { address, sent: call.sent })
      call.reject(error)
      if (clientCalls.hasSubscribers) this.#publish(call, error)
    }
    if (this.#calls.size === 0) {
      this.#nowIdle()
    } else if (
      this.#connection !== undefined &&
      nowMs - Math.max(this.#lastReceiveMs, this.#lastPingMs) >= pingIntervalMs
    ) {
      this.#lastPingMs = nowMs
      this.#session.ping()
      this.#flush()
    }
    if (!this.#answered) this.#checkSilence(nowMs)
  }

  /** What accepts connections and never says a word is no server; a slow call alone shows by the probe's answer. */
  #checkSilence(nowMs: number): void {
    const { address, silenceMs } = this.#options
    if (silenceMs === undefined || this.#firstSentMs === undefined || this.#calls.size === 0) return
    const silentMs = nowMs - this.#firstSentMs
    if (silentMs >= silenceMs) {
      this.destroy((call) => {
        const message = `call ${call.method.name} of ${address}: connected, but no answer to anything within ${silenceMs} ms`
        return new RpcConnectionError('ERR_RPC_SILENT', message, { address, sent: call.sent })
      })
    } else if (!this.#probed && silentMs >= silenceMs / 2) {
      this.#probed = true
      this.#options.probe()
    }
  }

  /** Takes no more calls; closes when those in flight are done. */
  end(): void {
    this.#ending = true
    this.#retire()
    // With no call in flight nothing is unsent and nothing will be answered: no need to wait for the server's FIN.
    if (this.#calls.size === 0) this.#connection?.destroy()
  }

  /** Later calls take another connection. */
  #retire(): void {
    if (this.#retired) return
    this.#retired = true
    this.#options.onGone()
  }

  /** Resolves when the connection is closed. */
  get done(): Promise<void> {
    return this.#connection?.done ?? Promise.resolve()
  }

  /** Drops the connection; calls in flight reject with `reason`. */
  destroy(reason: (call: PendingCall) => Error): void {
    this.#fail(reason)
    this.#connecting.abort()
    this.#connection?.destroy()
  }
}
