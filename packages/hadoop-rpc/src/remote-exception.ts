import { RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode } from '@cairn/hadoop-proto'

export interface RemoteExceptionOptions {
  /** `RpcErrorCodeProto`; default ERROR_APPLICATION. Unknown numbers are legal. */
  detail?: number | undefined
  /** Java's stack trace as the server sent it, from the line break before its first line on. */
  trace?: string | undefined
  /** Version of Hadoop RPC that the server says it speaks, where its answer has a place for it. */
  serverVersion?: number | undefined
  cause?: unknown
}

/**
 * A Java exception on the wire: thrown by a handler it becomes an ERROR answer, received it rejects the call.
 * `javaClass` and `message` are part of Hadoop's interface: clients test the class and show the text.
 */
export class RemoteException extends Error {
  override name = 'RemoteException'
  readonly code: string = 'ERR_HRPC_REMOTE'
  /** Full class name, such as `java.io.FileNotFoundException`. */
  readonly javaClass: string
  readonly detail: number
  readonly trace: string
  readonly serverVersion: number | undefined
  /** `host:port` of the server that sent it; whoever holds the connection sets it. */
  address: string | undefined

  constructor(javaClass: string, message: string, options: RemoteExceptionOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.javaClass = javaClass
    this.detail = options.detail ?? RpcErrorCode.ERROR_APPLICATION
    this.trace = options.trace ?? ''
    this.serverVersion = options.serverVersion
  }

  /** Class name without its package: `FileNotFoundException`. */
  get simpleClass(): string {
    return this.javaClass.slice(
      Math.max(this.javaClass.lastIndexOf('.'), this.javaClass.lastIndexOf('$')) + 1,
    )
  }

  /** Message and stack trace as one text, as `errorMsg` carries them. */
  get errorMsg(): string {
    return this.message + this.trace
  }

  /** Splits `errorMsg` where Java's stack trace begins [hrpc.error.2]. */
  static fromWire(
    javaClass: string,
    errorMsg: string,
    detail: number | undefined,
    serverVersion?: number,
  ): RemoteException {
    const traceAt = errorMsg.search(/\n\tat /)
    const at = traceAt < 0 ? errorMsg.length : traceAt
    const trace = errorMsg.slice(at)
    return new RemoteException(javaClass, errorMsg.slice(0, at), { detail, trace, serverVersion })
  }
}
