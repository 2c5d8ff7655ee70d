import { RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode } from '@cairn/hadoop-proto'

export interface RemoteExceptionOptions {
  /** `RpcErrorCodeProto`; default ERROR_APPLICATION. Unknown numbers are legal. */
  detail?: number | undefined
  /** Java's stack trace as the server sent it, from the line break before its first line on. */
  trace?: string | undefined
  cause?: unknown
}

/**
 * A Java exception on the wire: thrown by a handler it becomes an ERROR answer, received it rejects the call.
 * `javaClass` and `message` are part of Hadoop's interface: clients test the class and show the text.
 */
export class RemoteException extends Error {
  override readonly name = 'RemoteException'
  readonly code = 'ERR_HRPC_REMOTE'
  /** Full class name, such as `java.io.FileNotFoundException`. */
  readonly javaClass: string
  readonly detail: number
  readonly trace: string
  /** `host:port` of the server that sent it; whoever holds the connection sets it. */
  address: string | undefined

  constructor(javaClass: string, message: string, options: RemoteExceptionOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.javaClass = javaClass
    this.detail = options.detail ?? RpcErrorCode.ERROR_APPLICATION
    this.trace = options.trace ?? ''
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
  static fromWire(javaClass: string, errorMsg: string, detail: number | undefined): RemoteException {
    const traceAt = errorMsg.search(/\n\tat /)
    return traceAt < 0
      ? new RemoteException(javaClass, errorMsg, { detail })
      : new RemoteException(javaClass, errorMsg.slice(0, traceAt), { detail, trace: errorMsg.slice(traceAt) })
  }
}
