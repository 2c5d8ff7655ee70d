import { randomBytes } from 'node:crypto'
import { clientIdBytes, type RemoteException, type RpcGeneration } from '@cairn/hadoop-rpc'
import { type Connection, connectTcp, SweepTimer } from '@cairn/transport'
import { ClientConnection } from './client-connection.ts'
import { type Attempt, GenerationFinder } from './generation-finder.ts'
import {
  callTimeoutMsDefault,
  clientIdleMsDefault,
  connectTimeoutMsDefault,
  pingIntervalMsDefault,
  rpcReadBytes,
  sweepIntervalMs,
} from './limits.ts'
import { RpcConnectionError } from './rpc-connection-error.ts'
import type { RpcMethod } from './rpc-method.ts'

/** Where an RPC server listens. */
export interface RpcAddress {
  readonly host: string
  readonly port: number
}

/** A call that a live server answers at once, whatever else it works on. */
export interface RpcProbe {
  /** Java name of the protocol on whose connections it is used. */
  readonly protocol: string
  readonly method: RpcMethod<unknown, unknown>
  readonly request: unknown
}

/** Who calls, and how long everything may take. */
export interface RpcClientOptions {
  /** Whose rights count (effective user). */
  readonly user: string
  /** Who acts for `user` (a proxy user), when that is someone else. */
  readonly realUser?: string | undefined
  /** 16 bytes; default random. Servers know repeated calls by it and the call id. */
  readonly clientId?: Uint8Array
  /** Default 20 s. */
  readonly connectTimeoutMs?: number
  /** From `call()` to the answer, connecting included. Default 120 s. */
  readonly callTimeoutMs?: number
  /** A sign of life to the server while calls wait and nothing comes. Default 60 s. */
  readonly pingIntervalMs?: number
  /** A connection without calls is closed after this. Default 10 s. */
  readonly idleMs?: number
  /** What this client speaks, the favourite first; which of them a server speaks is found out. Default: version 9. */
  readonly generations?: readonly RpcGeneration[] | undefined
  /** Speaks this version of Hadoop RPC and no other. */
  readonly rpcVersion?: number | undefined
  /** Makes connections; default TCP. */
  readonly connect?: (address: RpcAddress, signal: AbortSignal) => Promise<Connection>
  /** What audit logs shall say about the caller, such as a command's name. */
  readonly callerContext?: string | undefined
  /**
   * A new connection of this protocol must bring any answer within `connectTimeoutMs` of its first call, or its calls
   * reject with `ERR_RPC_SILENT`. Halfway this call is made too: a server that only takes long over the first one lives.
   */
  readonly probe?: RpcProbe
  /** A connection was made, to this IP address. */
  readonly onConnected?: (address: RpcAddress, remoteAddress: string) => void
  /** A connection that was open ended, and not because this client closed it: the server is perhaps restarted. */
  readonly onConnectionLost?: (address: RpcAddress) => void
}

/** About one call. */
export interface CallOptions {
  /** Aborting rejects with `signal.reason`; the connection lives on and a late answer is dropped. */
  readonly signal?: AbortSignal | undefined
  /** Default: the client's `callTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** To repeat a call that may have run: the id it had [hrpc.call.5]. Default: the next one. */
  readonly callId?: number | undefined
  /** To repeat a call: one more than last time. Default 0. */
  readonly retryCount?: number | undefined
  /** The method is the server's own, in the words of its generation: no dialect turns it. Default false. */
  readonly verbatim?: boolean | undefined
}

const connectHints = {
  ECONNREFUSED: 'nothing listens there: is the NameNode up, is the port the RPC port (8020 or 9000)?',
}

/**
 * Calls methods of Hadoop servers. One connection per server and protocol is made at need, shared by all calls,
 * and closed when idle; idle connections do not keep the process alive.
 *
 * A call rejects with `RemoteException` (the server's answer), `RpcConnectionError` (`sent` says whether it may
 * have run), `ProtocolError` (a message that cannot be encoded or decoded) or the signal's reason. Retries and
 * fail-over are the caller's policy; `callId` and `retryCount` are what they need.
 */
export class RpcClient implements AsyncDisposable {
  readonly clientId: Uint8Array
  readonly #options: RpcClientOptions
  readonly #callTimeoutMs: number
  readonly #finder: GenerationFinder
  readonly #connections = new Map<string, ClientConnection>()
  /** Retired connections with calls still in flight are here too. */
  readonly #swept = new Set<ClientConnection>()
  readonly #timer = new SweepTimer(sweepIntervalMs, (nowMs) => this.#sweep(nowMs))
  #lastKey = ''
  #lastHost = ''
  #lastPort = 0
  #lastProtocol = ''
  #nextCallId = 0
  #closed = false

  constructor(options: RpcClientOptions) {
    this.#options = options
    this.#callTimeoutMs = options.callTimeoutMs ?? callTimeoutMsDefault
    this.#finder = new GenerationFinder({ ...options, privately: options.connect !== undefined })
    this.clientId = options.clientId ?? new Uint8Array(randomBytes(clientIdBytes))
  }

  get user(): string {
    return this.#options.user
  }

  /** The generation in which this server has answered; undefined: it has not yet. */
  generationOf(address: RpcAddress): RpcGeneration | undefined {
    return this.#finder.generationOf(`${address.host}:${address.port}`)
  }

  /** An id for one call and its retries [hrpc.call.1]. */
  nextCallId(): number {
    const callId = this.#nextCallId
    this.#nextCallId = (callId + 1) & 0x7fff_ffff
    return callId
  }

  /** Calls `method` of `protocol` (its Java name) at `address`. */
  call<Q, S>(
    address: RpcAddress,
    protocol: string,
    method: RpcMethod<Q, S>,
    request: Q,
    options: CallOptions = {},
  ): Promise<S> {
    const { signal } = options
    if (signal?.aborted) return Promise.reject(signal.reason)
    return this.#callOn(() => this.#connection(address, protocol), method, request, options)
  }

  #callOn<Q, S>(
    connection: () => ClientConnection,
    method: RpcMethod<Q, S>,
    request: Q,
    options: CallOptions,
  ): Promise<S> {
    return new Promise<S>((resolve, reject) => {
      const startMs = performance.now()
      connection().add({
        callId: options.callId ?? this.nextCallId(),
        retryCount: options.retryCount ?? 0,
        method,
        answerCodec: method.response,
        request,
        startMs,
        deadlineMs: startMs + (options.timeoutMs ?? this.#callTimeoutMs),
        signal: options.signal,
        resolve,
        reject,
        kind: options.verbatim === true ? 'verbatim' : 'today',
        sent: false,
        onAbort: undefined,
      })
    })
  }

  /** Consecutive calls mostly go to the same place, so the key of the last one is kept. */
  #key(address: RpcAddress, protocol: string): string {
    if (
      address.port !== this.#lastPort ||
      address.host !== this.#lastHost ||
      protocol !== this.#lastProtocol
    ) {
      this.#lastHost = address.host
      this.#lastPort = address.port
      this.#lastProtocol = protocol
      this.#lastKey = `${address.host}:${address.port} ${protocol}`
    }
    return this.#lastKey
  }

  #connection(address: RpcAddress, protocol: string): ClientConnection {
    const key = this.#key(address, protocol)
    const open = this.#connections.get(key)
    if (open !== undefined) return open
    const name = `${address.host}:${address.port}`
    const { host, port } = address
    return this.#connect(key, { host, port }, protocol, this.#finder.first(name))
  }

  #connect(key: string, address: RpcAddress, protocol: string, attempt: Attempt): ClientConnection {
    const name = `${address.host}:${address.port}`
    if (this.#closed) throw clientClosed(name, false)
    const { user, realUser, callerContext, pingIntervalMs, idleMs, probe } = this.#options
    const connectTimeoutMs = this.#options.connectTimeoutMs ?? connectTimeoutMsDefault
    const probed = probe?.protocol === protocol ? probe : undefined
    const made: ClientConnection = new ClientConnection({
      address: name,
      user,
      realUser,
      callerContext,
      protocol,
      generation: attempt.generation,
      clientId: this.clientId,
      nextCallId: () => this.nextCallId(),
      connect: (signal) => this.#dial(address, signal),
      pingIntervalMs: pingIntervalMs ?? pingIntervalMsDefault,
      idleMs: idleMs ?? clientIdleMsDefault,
      silenceMs: probed === undefined ? undefined : connectTimeoutMs,
      probe: () => {
        if (probed === undefined) return
        // Whether it answers or not shows in the connection.
        const { method, request } = probed
        this.#callOn(() => made, method, request, { timeoutMs: connectTimeoutMs }).catch(() => {})
      },
      onGone: () => {
        if (this.#connections.get(key) === made) this.#connections.delete(key)
      },
      onSpoken: () => this.#finder.found(name, attempt.generation),
      onOtherGeneration: (refusal) => {
        const next = this.#finder.next(attempt, refusal, name)
        if (next === undefined) return false
        this.#connectAgain(made, next, refusal, (other) => this.#connect(key, address, protocol, other))
        return true
      },
      onLost: () => this.#options.onConnectionLost?.(address),
    })
    this.#connections.set(key, made)
    this.#swept.add(made)
    this.#timer.start()
    return made
  }

  /** Makes the calls of a refused connection on another that speaks the server's version, or fails them. */
  #connectAgain(
    refused: ClientConnection,
    next: Attempt | RpcConnectionError,
    refusal: RemoteException | undefined,
    connect: (attempt: Attempt) => ClientConnection,
  ): void {
    const calls = refused.takeCalls(refusal ?? clientClosed(refused.address, true))
    if (next instanceof RpcConnectionError) {
      for (const call of calls) call.reject(next)
      return
    }
    if (calls.length === 0) return
    const connection = connect(next)
    for (const call of calls) {
      // A refusal by name says that nothing was done; silence does not.
      if (refusal !== undefined) call.sent = false
      try {
        connection.add(call)
      } catch (error) {
        call.reject(error)
      }
    }
  }

  #dial(address: RpcAddress, signal: AbortSignal): Promise<Connection> {
    if (this.#options.connect !== undefined) return this.#options.connect(address, signal)
    const connecting = connectTcp({
      host: address.host,
      port: address.port,
      signal,
      timeoutMs: this.#options.connectTimeoutMs,
      readBytes: rpcReadBytes,
      hints: connectHints,
    })
    return connecting.then((connection) => {
      this.#options.onConnected?.(address, connection.remoteAddress)
      return connection
    })
  }

  #sweep(nowMs: number): void {
    for (const connection of this.#swept) {
      connection.sweep(nowMs)
      if (connection.gone && connection.callsInFlight === 0) this.#swept.delete(connection)
    }
    if (this.#swept.size === 0) this.#timer.stop()
  }

  /** Rejects the calls in flight, closes the connections, refuses further calls. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer.stop()
    const closing = [...this.#swept].map((connection) => {
      connection.destroy((call) => clientClosed(connection.address, call.sent))
      return connection.done
    })
    this.#swept.clear()
    await Promise.all(closing)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function clientClosed(address: string, sent: boolean): RpcConnectionError {
  return new RpcConnectionError('ERR_RPC_CLIENT_CLOSED', `call ${address}: this client is closed`, {
    address,
    sent,
  })
}
