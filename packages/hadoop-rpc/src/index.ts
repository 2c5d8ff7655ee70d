export { RpcClientSession, type RpcClientSessionOptions } from './client-session.ts'
export * as rpcLimits from './limits.ts'
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
