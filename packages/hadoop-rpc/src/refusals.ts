// How a server session ends a connection: it queues a FATAL answer, and returns the error to throw. The answer carries
// no client id, as Hadoop's does not [hrpc.error.1].
import { type ByteWriter, ProtocolError } from '@cairn/bytes'
import {
  RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { RemoteException } from './remote-exception.ts'
import type { RequestHeader } from './request-header.ts'
import { writeErrorFrame } from './response-header.ts'
import { invalidRetryCount, RpcErrorClass, SpecialCallId } from './rpc-constants.ts'

const noClientId = new Uint8Array(0)

/** The header decodes but says what is not allowed [hrpc.header.2]. */
export function invalidHeader(output: ByteWriter, header: RequestHeader, message: string): ProtocolError {
  const error = new RemoteException(RpcErrorClass.RpcServerException, message, {
    detail: RpcErrorCode.FATAL_INVALID_RPC_HEADER,
  })
  writeErrorFrame(output, RpcStatus.FATAL, header.callId, noClientId, header.retryCount, error)
  return new ProtocolError('ERR_HRPC_HEADER', `read a request: ${message.trim()}`)
}

/** A message of the RPC layer does not decode. Errors that are no `ProtocolError` are ours and come back as they are. */
export function undecodable(
  output: ByteWriter,
  what: string,
  cause: unknown,
  header: RequestHeader | undefined,
): unknown {
  if (!(cause instanceof ProtocolError)) return cause
  const message = `Error decoding ${what}: ${cause.message}`
  const error = new RemoteException(RpcErrorClass.RpcServerException, message, {
    detail: RpcErrorCode.FATAL_DESERIALIZING_REQUEST,
  })
  const callId = header?.callId ?? SpecialCallId.REFUSED
  const retryCount = header?.retryCount ?? invalidRetryCount
  writeErrorFrame(output, RpcStatus.FATAL, callId, noClientId, retryCount, error)
  return new ProtocolError('ERR_HRPC_HEADER', `read ${what}: ${cause.message}`, { cause })
}

/** The caller may not use this server, or not in this way. */
export function unauthorized(output: ByteWriter, callId: number, error: RemoteException): ProtocolError {
  const fatal = new RemoteException(error.javaClass, error.message, {
    detail: RpcErrorCode.FATAL_UNAUTHORIZED,
  })
  writeErrorFrame(output, RpcStatus.FATAL, callId, noClientId, invalidRetryCount, fatal)
  return new ProtocolError('ERR_HRPC_AUTH', `authorize the connection: ${error.message}`, { cause: error })
}
