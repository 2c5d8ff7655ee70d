export { RemoteException, type RemoteExceptionOptions } from '@cairn/hadoop-rpc'
export { clientCalls, type RpcCallDiagnostics, serverCalls } from './diagnostics.ts'
export { type Logger, silentLogger } from './logger.ts'
export {
  type CallOptions,
  type RpcAddress,
  RpcClient,
  type RpcClientOptions,
  type RpcProbe,
} from './rpc-client.ts'
export { RpcConnectionError, type RpcConnectionErrorOptions } from './rpc-connection-error.ts'
export type { MethodTable, RequestOf, ResponseOf, RpcMethod } from './rpc-method.ts'
export { RpcServer, type RpcServerOptions } from './rpc-server.ts'
export {
  type BoundMethod,
  type CallContext,
  defineService,
  type Handlers,
  type RpcService,
  type ServiceDefinition,
} from './rpc-service.ts'
export {
  UnsupportedByReleaseError,
  type UnsupportedByReleaseOptions,
} from './unsupported-by-release-error.ts'
