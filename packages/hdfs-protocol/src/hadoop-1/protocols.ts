// The protocols of Hadoop 1 by their Java names, and which entry of a table a call means.
import { ClientProtocol61, clientProtocol1 } from './client-protocol.ts'
import {
  ClientDatanodeProtocol4,
  clientDatanodeProtocol1,
  InterDatanodeProtocol3,
  interDatanodeProtocol1,
} from './datanode-ipc-protocols.ts'
import { DatanodeProtocol26, datanodeProtocol1 } from './datanode-protocol.ts'
import type { AnyMethod1 } from './method.ts'
import { NamenodeProtocol3, namenodeProtocol1 } from './namenode-protocol.ts'
import { RefreshUserMappingsProtocol1, refreshUserMappingsProtocol1 } from './refresh-protocol.ts'

/** A protocol of Hadoop 1: its version counts up with every change. */
export interface Protocol1 {
  readonly name: string
  readonly version: bigint
  readonly methods: Readonly<Record<string, AnyMethod1>>
}

/** All that have a table. */
export const hadoop1Protocols: ReadonlyMap<string, Protocol1> = new Map(
  [
    { ...clientProtocol1, methods: ClientProtocol61 },
    { ...datanodeProtocol1, methods: DatanodeProtocol26 },
    { ...interDatanodeProtocol1, methods: InterDatanodeProtocol3 },
    { ...clientDatanodeProtocol1, methods: ClientDatanodeProtocol4 },
    { ...namenodeProtocol1, methods: NamenodeProtocol3 },
    { ...refreshUserMappingsProtocol1, methods: RefreshUserMappingsProtocol1 },
  ].map((protocol): [string, Protocol1] => [protocol.name, protocol]),
)

/** The entry of a table that a call means: overloads differ in the number of parameters. */
export function findMethod1(protocol: Protocol1, name: string, parameters: number): AnyMethod1 | undefined {
  return Object.values(protocol.methods).find(
    (method) => method.name === name && method.parameters.length === parameters,
  )
}
