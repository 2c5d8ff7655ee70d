import type { MessageCodec } from '@cairn/hadoop-proto'

/** One method of a protocol, as the tables of @cairn/hadoop-proto have them: its name and its two messages. */
export interface RpcMethod<Q, S> {
  readonly name: string
  readonly request: MessageCodec<Q>
  readonly response: MessageCodec<S>
}

/** The methods of a protocol by name. */
export type MethodTable = Readonly<Record<string, RpcMethod<unknown, unknown>>>

/** The request message of a method. */
export type RequestOf<M> = M extends { readonly request: MessageCodec<infer Q> } ? Q : never

/** The response message of a method. */
export type ResponseOf<M> = M extends { readonly response: MessageCodec<infer S> } ? S : never
