import { ProtocolError } from '@cairn/bytes'
import { RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode } from '@cairn/hadoop-proto'
import { type ProtocolDialect, RemoteException, RpcErrorClass, type ServerCall } from '@cairn/hadoop-rpc'
import type { BoundMethod, RpcService } from './rpc-service.ts'

/** Which handler a call is for; the errors are `ProtobufRpcEngine2.Server`'s, class and text [hrpc.error.4]. */
export function findMethod(services: ReadonlyMap<string, RpcService>, call: ServerCall): BoundMethod {
  const service = findService(services, call)
  if (call.version !== service.version) {
    throw new RemoteException(
      RpcErrorClass.VersionMismatch,
      `Protocol ${call.protocol} version mismatch. (client = ${call.version}, server = ${service.version})`,
      { detail: RpcErrorCode.ERROR_RPC_VERSION_MISMATCH },
    )
  }
  return methodOf(service, call, call.method)
}

/** The same for a call in another generation's words; the handler gets today's messages [hgen.dialect.2]. */
export function findMethodInDialect(
  services: ReadonlyMap<string, RpcService>,
  call: ServerCall,
  dialect: ProtocolDialect,
): BoundMethod {
  const said = dialect.serverForm(call)
  const service = findService(services, call)
  if (said === undefined) return methodOf(service, call, call.method)
  const { request, response } = said.form
  if (said.kind === 'local') return { name: call.method, request, response, handle: said.answer }
  const method = methodOf(service, call, said.method)
  return {
    name: method.name,
    request,
    response,
    handle: (message, context) => method.handle(message, context),
  }
}

function findService(services: ReadonlyMap<string, RpcService>, call: ServerCall): RpcService {
  const service = services.get(call.protocol)
  if (service !== undefined) return service
  throw new RemoteException(RpcErrorClass.RpcNoSuchProtocolException, `Unknown protocol: ${call.protocol}`, {
    detail: RpcErrorCode.ERROR_NO_SUCH_PROTOCOL,
  })
}

function methodOf(service: RpcService, call: ServerCall, name: string): BoundMethod {
  const method = service.methods.get(name)
  if (method !== undefined) return method
  throw new RemoteException(
    RpcErrorClass.RpcNoSuchMethodException,
    `Unknown method ${call.method} called on ${call.protocol} protocol.`,
    { detail: RpcErrorCode.ERROR_NO_SUCH_METHOD },
  )
}

/** A message that cannot be decoded is the caller's fault, not the handler's. */
export function decodeRequest(method: BoundMethod, call: ServerCall): unknown {
  try {
    return method.request.decode(call.bytes, call.start, call.end)
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new RemoteException(RpcErrorClass.InvalidProtocolBufferException, cause.message, { cause })
  }
}

/** What a handler threw, as the answer to its call: Java's exceptions as they are, anything else as our own fault. */
export function asRemoteException(error: unknown): RemoteException {
  if (error instanceof RemoteException) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RemoteException(RpcErrorClass.RpcServerException, message, {
    detail: RpcErrorCode.ERROR_RPC_SERVER,
    cause: error,
  })
}
