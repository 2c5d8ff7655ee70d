export { RpcClientSession, type RpcClientSessionOptions } from './client-session.ts'
export type {
  CallForm,
  ClientForm,
  ClientSessionOptions,
  MethodForm,
  ProtocolDialect,
  RpcGeneration,
  ServerForm,
  ServerSessionOptions,
} from './generation.ts'
export { RpcClientSession4, type RpcClientSession4Options } from './generation-4/client-session-4.ts'
export { RpcServerSession4 } from './generation-4/server-session-4.ts'
export { RpcClientSession7, type RpcClientSession7Options } from './generation-7/client-session-7.ts'
export type { Generation7 } from './generation-7/constants.ts'
export { RpcServerSession7 } from './generation-7/server-session-7.ts'
export { dialectMap, generation7, generation8, generation9, makeGeneration4 } from './generations.ts'
export * as rpcLimits from './limits.ts'
export { AuthMethod } from './old-generations/constants.ts'
export type { OldServerSessionOptions } from './old-generations/old-server-session.ts'
export { PreambleSession, type PreambleSessionOptions } from './preamble-session.ts'
export { RemoteException, type RemoteExceptionOptions } from './remote-exception.ts'
export {
  AuthProtocol,
  clientIdBytes,
  invalidRetryCount,
  preambleBytes,
  protocolMetaInfo,
  protocolVersion,
  RpcErrorClass,
  rpcMagic,
  rpcVersion,
  SpecialCallId,
} from './rpc-constants.ts'
export { RpcServerSession, type RpcServerSessionOptions } from './server-session.ts'
export type {
  ClientSession,
  ClientSessionEvents,
  ConnectionContext,
  RpcSession,
  ServerCall,
  ServerSession,
  ServerSessionEvents,
} from './session.ts'
export { formatRpcVersion, isNoSuchMethod, releasesOfRpcVersion, serverVersions } from './version-mismatch.ts'
