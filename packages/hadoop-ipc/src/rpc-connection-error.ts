import { systemErrorCode } from '@cairn/transport'

/** What is known about a call whose connection failed. */
export interface RpcConnectionErrorOptions {
  /** `host:port` of the server. */
  address: string
  /** False: the server has certainly not seen the call. True: it may have run. */
  sent: boolean
  cause?: unknown
}

/**
 * The connection failed, or could not be made, before the answer came. `code` is the system's (`ECONNREFUSED`,
 * `ETIMEDOUT`, `ECONNRESET`, …), the protocol's (`ERR_HRPC_NOT_RPC`, …), or one of
 *
 * - `ERR_RPC_TIMEOUT`: no answer within `timeoutMs`; the connection lives on, a late answer is dropped;
 * - `ERR_RPC_SILENT`: a new connection brought nothing at all within `connectTimeoutMs`, and was closed;
 * - `ERR_RPC_CLOSED`: the server closed the connection without an answer;
 * - `ERR_RPC_CLIENT_CLOSED`: `close()` was called on this client.
 */
export class RpcConnectionError extends Error {
  override readonly name = 'RpcConnectionError'
  readonly code: string
  readonly address: string
  readonly sent: boolean

  constructor(code: string, message: string, options: RpcConnectionErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.address = options.address
    this.sent = options.sent
  }
}

/** What ended a connection, as the error of a call on it. `cause` undefined: the server closed it in good order. */
export function brokenConnection(
  cause: unknown,
  address: string,
  sent: boolean,
  answered: boolean,
): RpcConnectionError {
  if (cause instanceof Error) {
    const code = systemErrorCode(cause) ?? 'ERR_RPC_FAILED'
    const message = cause.message.includes(address) ? cause.message : `call ${address}: ${cause.message}`
    return new RpcConnectionError(code, message, { address, sent, cause })
  }
  const found = answered
    ? 'the server closed the connection before the answer'
    : 'the server closed the connection without any answer; is this its RPC port?'
  return new RpcConnectionError('ERR_RPC_CLOSED', `call ${address}: ${found}`, { address, sent })
}
