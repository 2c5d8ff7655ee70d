import type { ReceiveBuffer } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import type { RemoteException } from './remote-exception.ts'

/**
 * What both ends of every generation of Hadoop RPC have in common. Bytes come in through `input` (a socket reads
 * straight into it), `process()` turns them into events, answers and calls gather until `takeOutput()`.
 */
export interface RpcSession {
  /** Where received bytes go. */
  readonly input: ReceiveBuffer
  /**
   * Handles every complete frame in `input`. Throws `ProtocolError` and nothing of its own else; then the
   * connection must be closed after a last `takeOutput()`, which may hold a reply that says why.
   */
  process(): void
  /** `input.push(chunk)` and `process()` in one. */
  receive(chunk: Uint8Array): void
  readonly hasOutput: boolean
  /** The bytes to send now; they belong to the caller. */
  takeOutput(): Uint8Array
  /** The bytes to send now, without taking them: a view, valid until the session is used again. */
  readonly output: Uint8Array
  /** Forgets `output`. `reusable`: nobody holds it any more, so its memory may serve again. */
  releaseOutput(reusable: boolean): void
  /** A frame has begun and not ended: silence now means a stalled peer. */
  readonly midFrame: boolean
}

/** What a client session reports, during `process()`. */
export interface ClientSessionEvents {
  /** The answer is the message `bytes[start, end)`, which is valid only during this call. */
  onResponse(callId: number, bytes: Uint8Array, start: number, end: number): void
  /** The call failed; the connection goes on. */
  onError(callId: number, error: RemoteException): void
  /** The server refuses the connection: every call in flight has failed, none will be answered. */
  onFatal(error: RemoteException): void
}

/**
 * The client end of one connection. Other generations (4, 7) and authenticated sessions implement this too: which
 * one it is concerns only who makes it.
 */
export interface ClientSession extends RpcSession {
  /** Queues a call. `callId` is the caller's, so that a retry can carry the same one with a higher `retryCount`. */
  call<Q>(callId: number, retryCount: number, method: string, codec: MessageCodec<Q>, request: Q): void
  /** Queues a sign of life; the server does not answer it [hrpc.call.4]. */
  ping(): void
}

/** Who is calling, from the connection context. */
export interface ConnectionContext {
  /** Whose rights count. */
  readonly user: string
  /** Who acts for `user` (a proxy user), if anyone. */
  readonly realUser: string | undefined
  /** The protocol that the client means; each call names its own again. */
  readonly protocol: string
}

/** One request. `bytes[start, end)` is its message and is valid only during `onCall`. */
export interface ServerCall {
  readonly callId: number
  /** 0 at first, higher when the client repeats a call that it may have sent before. */
  readonly retryCount: number
  /** 16 bytes that name the client; with `callId` the key of the retry cache. */
  readonly clientId: Uint8Array
  /** Java name of the protocol, such as `org.apache.hadoop.hdfs.protocol.ClientProtocol`. */
  readonly protocol: string
  readonly method: string
  readonly version: bigint
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** What the client says about itself for audit logs, if it does. */
  readonly callerContext: string | undefined
  /** Newest namespace state that the client has seen, if it keeps track. */
  readonly stateId: bigint | undefined
}

/** What a server session reports, during `process()`. */
export interface ServerSessionEvents {
  /** Once, before any call. A thrown `RemoteException` refuses the connection with FATAL_UNAUTHORIZED. */
  onContext(context: ConnectionContext): void
  onCall(call: ServerCall): void
}

/** The server end of one connection, of any generation. */
export interface ServerSession extends RpcSession {
  /** Set once the connection context has come. */
  readonly context: ConnectionContext | undefined
  /** Calls reported and not yet answered. */
  readonly callsInFlight: number
  /** As many calls are in flight as may be: `process()` leaves the rest in `input` until some are answered. */
  readonly blocked: boolean
  /**
   * Queues the answer. Throws what the codec throws for an impossible message, or `ERR_HRPC_FRAME_TOO_LARGE`, and
   * has then queued nothing, so that `respondError` can follow.
   */
  respond<S>(call: ServerCall, codec: MessageCodec<S>, response: S): void
  respondError(call: ServerCall, error: RemoteException): void
}
