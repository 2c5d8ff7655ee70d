import type { DatanodeSummary, NamenodeSummary } from '../status.ts'

/** Where a server answers. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Settings under Hadoop's names; plain data, so that they travel to another process. */
export type Conf = Readonly<Record<string, string | number | boolean>>

/** A NameNode to start; plain data. */
export interface NamenodeSpec {
  readonly kind: 'namenode'
  /** Where its metadata is kept; undefined: in memory. */
  readonly dir: string | undefined
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Versions of Hadoop RPC to speak. Default 9. */
  readonly rpc?: readonly number[] | undefined
  /** DataNodes of the cluster: what the default replication follows. */
  readonly datanodes: number
  readonly conf: Conf
}

/** A DataNode to start; plain data. */
export interface DatanodeSpec {
  readonly kind: 'datanode'
  /** From 1 on. */
  readonly index: number
  /** Where its blocks are kept; undefined: in memory. */
  readonly dir: string | undefined
  /** How much may be kept in memory, where there is no directory. */
  readonly memoryBytes: number
  readonly host: string
  /** Port of the data transfer protocol; 0 takes a free one. */
  readonly port: number
  readonly namenode: Address
  /** Versions of Hadoop RPC to speak. Default 9. */
  readonly rpc?: readonly number[] | undefined
  readonly conf: Conf
}

/** What is started. */
export type RoleSpec = NamenodeSpec | DatanodeSpec

/** What a NameNode tells: its own numbers, and those of the DataNodes that it knows. */
export interface NamenodeReport {
  readonly namenode: Omit<NamenodeSummary, 'pid'>
  readonly datanodes: readonly Omit<DatanodeSummary, 'pid'>[]
}

/** A server that runs, in this process or in another. */
export interface Role {
  readonly address: Address
  readonly pid: number
  /** A NameNode's report; undefined of a DataNode. */
  report(): Promise<NamenodeReport | undefined>
  close(): Promise<void>
}

/** `NameNode`, or `DataNode 2`: what messages call a role. */
export function roleName(spec: RoleSpec): string {
  return spec.kind === 'namenode' ? 'NameNode' : `DataNode ${spec.index}`
}
