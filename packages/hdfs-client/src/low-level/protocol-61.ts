// ClientProtocol 61 of Hadoop 1 as it is: Java's parameters in Java's order, by the table of the protocol.
import type { RpcMethod } from '@cairn/hadoop-ipc'
import { ClientProtocol61, type JavaValue, type JavaValues } from '@cairn/hdfs-protocol'

/** The methods of ClientProtocol 61 by their keys in its table. */
export type ClientProtocol61Table = typeof ClientProtocol61
export type ClientProtocol61Method = keyof ClientProtocol61Table

/** What a method of the table takes and gives. */
export type ParametersOf61<M extends ClientProtocol61Method> = JavaValues<
  ClientProtocol61Table[M]['parameters']
>
export type ResultOf61<M extends ClientProtocol61Method> = JavaValue<ClientProtocol61Table[M]['result']>

/** Each entry of ClientProtocol 61 as a function. */
export type ClientProtocol61Calls = {
  readonly [M in ClientProtocol61Method]: (...parameters: ParametersOf61<M>) => Promise<ResultOf61<M>>
}

/** Sends one call of Hadoop 1 as it is. */
export type Call61 = (method: RpcMethod<unknown, unknown>, parameters: readonly unknown[]) => Promise<unknown>

/** All entries of the table as functions that go through `call`. */
export function clientProtocol61Calls(call: Call61): ClientProtocol61Calls {
  const entries = Object.entries(ClientProtocol61).map(([key, method]) => [
    key,
    async (...parameters: readonly unknown[]) => {
      const result = await call(method as RpcMethod<unknown, unknown>, parameters)
      return method.result === 'void' ? undefined : result
    },
  ])
  return Object.fromEntries(entries) as ClientProtocol61Calls
}
