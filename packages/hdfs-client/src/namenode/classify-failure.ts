import { ProtocolError } from '@cairn/bytes'
import { RpcConnectionError } from '@cairn/hadoop-ipc'
import { RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode } from '@cairn/hadoop-proto'
import { RemoteException } from '@cairn/hadoop-rpc'

/**
 * Why a call failed, as far as repeating it is concerned:
 *   answer        the NameNode refused for good, or the caller gave up: the error is the answer
 *   standby       another NameNode is active
 *   safe-mode     it takes no changes yet
 *   busy          it is starting, or has too much to do
 *   connection    there is none, or it broke: nothing is known about the NameNode's state
 *   timeout       connected, and this call was not answered
 *   silent        connected, and nothing at all was answered
 *   foreign       what listens there is no NameNode
 *   version       a NameNode of another RPC version
 *   unauthorized  it does not accept this connection
 *   closed        this client was closed
 */
export type FailureKind =
  | 'answer'
  | 'standby'
  | 'safe-mode'
  | 'busy'
  | 'connection'
  | 'timeout'
  | 'silent'
  | 'foreign'
  | 'version'
  | 'unauthorized'
  | 'closed'

/** Sorts a failed call. */
export function classifyFailure(error: unknown): FailureKind {
  if (error instanceof RemoteException) return kindOfException(error)
  if (error instanceof RpcConnectionError) return kindOfConnectionError(error.code)
  return error instanceof ProtocolError && error.side === 'remote' ? 'foreign' : 'answer'
}

function kindOfConnectionError(code: string): FailureKind {
  if (code === 'ERR_RPC_TIMEOUT') return 'timeout'
  if (code === 'ERR_RPC_SILENT') return 'silent'
  if (code === 'ERR_RPC_CLIENT_CLOSED') return 'closed'
  if (code === 'ERR_HRPC_VERSION') return 'version'
  if (code === 'ERR_HRPC_AUTH') return 'unauthorized'
  return code.startsWith('ERR_HRPC_') || code.startsWith('ERR_BYTES_') ? 'foreign' : 'connection'
}

function kindOfException(error: RemoteException): FailureKind {
  switch (error.simpleClass) {
    case 'StandbyException':
    case 'ObserverRetryOnActiveException':
      return 'standby'
    case 'SafeModeException':
      return 'safe-mode'
    case 'RetriableException':
      // A NameNode of a pair wraps its start-up safe mode in this class.
      return error.message.includes('SafeModeException') ? 'safe-mode' : 'busy'
    case 'RpcNoSuchProtocolException':
      return 'foreign'
    case 'VersionMismatch':
      return 'version'
    default:
      return kindOfDetail(error.detail)
  }
}

function kindOfDetail(detail: number): FailureKind {
  if (detail === RpcErrorCode.FATAL_VERSION_MISMATCH) return 'version'
  return detail === RpcErrorCode.FATAL_UNAUTHORIZED ? 'unauthorized' : 'answer'
}
