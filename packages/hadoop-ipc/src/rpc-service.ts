import type { MessageCodec } from '@cairn/hadoop-proto'
import { protocolVersion } from '@cairn/hadoop-rpc'
import type { MethodTable, RequestOf, ResponseOf } from './rpc-method.ts'

/** Who made a call and what is known about it. */
export interface CallContext {
  /** Effective user, from the connection context. */
  readonly user: string
  /** Who acts for `user`, if that is someone else. */
  readonly realUser: string | undefined
  /** 16 bytes; with `callId` the key of the retry cache. */
  readonly clientId: Uint8Array
  readonly callId: number
  /** Above 0: the client repeats a call that may have run. */
  readonly retryCount: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly protocol: string
  readonly method: string
  /** What the client says about itself for audit logs, if it does. */
  readonly callerContext: string | undefined
  /** Aborted when the connection closes before the answer. */
  readonly signal: AbortSignal
}

/** A function per method; one that answers at once, without a promise, is the fast path. */
export type Handlers<T extends MethodTable> = {
  readonly [N in keyof T]?: (
    request: RequestOf<T[N]>,
    call: CallContext,
  ) => ResponseOf<T[N]> | Promise<ResponseOf<T[N]>>
}

/** A method with its handler, ready to be called. */
export interface BoundMethod {
  readonly name: string
  readonly request: MessageCodec<unknown>
  readonly response: MessageCodec<unknown>
  handle(request: unknown, call: CallContext): unknown
}

/** One protocol that a server speaks; made by `defineService`. */
export interface RpcService {
  /** Java name, such as `org.apache.hadoop.hdfs.protocol.ClientProtocol`. */
  readonly protocol: string
  readonly version: bigint
  /** Methods with a handler, by the name on the wire. Others answer RpcNoSuchMethodException. */
  readonly methods: ReadonlyMap<string, BoundMethod>
}

/** What makes up a service. */
export interface ServiceDefinition<T extends MethodTable> {
  readonly protocol: string
  /** Default 1, as for all of Hadoop's protobuf protocols. */
  readonly version?: bigint
  readonly methods: T
  /** Called with this object as `this`. */
  readonly handlers: Handlers<T>
}

/** Ties handlers to a protocol's methods; the compiler checks each against its messages. */
export function defineService<T extends MethodTable>(definition: ServiceDefinition<T>): RpcService {
  const { handlers } = definition
  const methods = new Map<string, BoundMethod>()
  for (const key of Object.keys(definition.methods)) {
    const method = definition.methods[key]
    const handler = handlers[key]
    if (method === undefined || handler === undefined) continue
    methods.set(method.name, {
      name: method.name,
      request: method.request,
      response: method.response,
      handle: handler.bind(handlers),
    })
  }
  return { protocol: definition.protocol, version: definition.version ?? protocolVersion, methods }
}
