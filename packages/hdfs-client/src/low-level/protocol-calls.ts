// Every method of ClientProtocol as a method of the low-level client, by the table of the protocol.
import { ClientNamenodeProtocol, type MessageCodec } from '@cairn/hadoop-proto'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import type { ClientProtocolMethod, RequestOf, ResponseOf } from './call.ts'

type ListsOf<Q> = { [K in keyof Q as Q[K] extends readonly unknown[] ? K : never]?: Q[K] }
type OthersOf<Q> = { [K in keyof Q as Q[K] extends readonly unknown[] ? never : K]: Q[K] }

/** The request message of a method; lists that it leaves out are empty. */
export type RequestMessage<M extends ClientProtocolMethod> = OthersOf<RequestOf<M>> & ListsOf<RequestOf<M>>

type Parameters<M extends ClientProtocolMethod> =
  Record<never, never> extends RequestMessage<M>
    ? [request?: RequestMessage<M>, options?: CallOptions]
    : [request: RequestMessage<M>, options?: CallOptions]

/** Each method of ClientProtocol with its messages. */
export type ClientProtocolCalls = {
  [M in ClientProtocolMethod]: (...parameters: Parameters<M>) => Promise<ResponseOf<M>>
}

/** Names of all methods, in the order of the protocol. */
export const clientProtocolMethods = Object.keys(ClientNamenodeProtocol) as readonly ClientProtocolMethod[]

/** The lists that a request of each method may leave out. */
const listsOfMethod = new Map<string, readonly string[]>()

/** The request with empty lists for those that it leaves out. */
export function completeRequest<M extends ClientProtocolMethod>(
  method: M,
  request: RequestMessage<M>,
): RequestOf<M> {
  let lists = listsOfMethod.get(method)
  if (lists === undefined) {
    const codec: MessageCodec<unknown> = ClientNamenodeProtocol[method].request as MessageCodec<unknown>
    lists = codec.fields.filter(({ label }) => label === 'repeated').map(({ name }) => name)
    listsOfMethod.set(method, lists)
  }
  const complete = request as Record<string, unknown>
  if (lists.every((name) => complete[name] !== undefined)) return request as RequestOf<M>
  return { ...Object.fromEntries(lists.map((name) => [name, []])), ...complete } as RequestOf<M>
}

/** What a call is about, for error messages: `create /a`. */
export function attemptOf(method: string, request: unknown): string {
  const { src, path, trg, target, snapshotRoot, clientName } = (request ?? {}) as Record<string, unknown>
  const about = [src, path, trg, target, snapshotRoot, clientName].find((value) => typeof value === 'string')
  return about === undefined ? method : `${method} ${about as string}`
}
