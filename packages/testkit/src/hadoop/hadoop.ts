import type { CommandResult, Daemon } from './process.ts'

export interface HadoopOptions {
  /** Release to run. Default 3.4.3. */
  version?: string
  /** DataNodes, each its own process. Default 1; 0 leaves the NameNode alone for foreign DataNodes. */
  datanodes?: number
  /** Nameservices, one block pool each; every DataNode is in all of them. Default 1; 2 and more are a federation. */
  nameservices?: number
  /**
   * Two NameNodes a nameservice, with their edits in one folder. No controller decides: the first one is made active
   * at the start, then `namenodes[…].transition` says who is. Default false.
   */
  ha?: boolean
  /** Gives every NameNode a port for lifeline messages, `dfs.namenode.lifeline.rpc-address`. Default false. */
  lifeline?: boolean
  /** `host:port` of a foreign NameNode: no NameNode is started, the DataNodes join that one. */
  namenode?: string
  /** More properties for every process, such as `dfs.blocksize`. */
  conf?: Readonly<Record<string, string>>
  /** Default false: anybody may do anything. */
  permissions?: boolean
  /** The superuser: the daemons run under this name. Default `root`. */
  superuser?: string
  /** Heap of each daemon. Default 384m. */
  heap?: string
  /** Keeps the cluster's files here instead of a folder that `stop` removes. */
  dir?: string
  /** Default 90 s. */
  timeoutMs?: number
}

/** One NameNode of a running cluster. */
export interface HadoopNamenode {
  /** `ns0`, `ns1`, …; undefined in a cluster of one NameNode. */
  readonly nameservice: string | undefined
  /** `nn0` or `nn1`; undefined without HA. */
  readonly id: string | undefined
  readonly host: string
  readonly port: number
  readonly httpPort: number
  readonly lifelinePort: number | undefined
  readonly process: Daemon | undefined
  /** As `kill -9`. */
  kill(): Promise<void>
  /** Starts it again and waits until it listens; one of a pair is then in standby. */
  restart(): Promise<void>
  /** Of a pair: gives it a role, by force, as `hdfs haadmin` does; resolves when it has it. */
  transition(to: 'Active' | 'Standby'): Promise<void>
}

/** A running Apache Hadoop on loopback. */
export interface Hadoop {
  readonly version: string
  readonly dir: string
  readonly host: string
  /** All NameNodes, nameservice by nameservice. */
  readonly namenodes: readonly HadoopNamenode[]
  /** RPC port of the first NameNode. */
  readonly port: number
  readonly httpPort: number
  /** `hdfs://127.0.0.1:PORT`, or with HA `hdfs://ns0`, which `confDir` explains. */
  readonly url: string
  /** Environment that makes any client find this cluster: HADOOP_CONF_DIR. */
  readonly confDir: string
  /** Java's shell: `fs('-ls', '/')`. */
  fs(...args: string[]): Promise<CommandResult>
  /** Java's shell as another user. */
  fsAs(user: string, ...args: string[]): Promise<CommandResult>
  /** `hdfs dfsadmin`. */
  admin(...args: string[]): Promise<CommandResult>
  /** `hdfs fsck`. */
  fsck(...args: string[]): Promise<CommandResult>
  /** Any class with this cluster's class path and configuration. */
  run(
    mainClass: string,
    args: string[],
    options?: { classPath?: string; user?: string },
  ): Promise<CommandResult>
  /** The daemons by number, DataNodes from 0. */
  readonly namenodeProcess: Daemon | undefined
  readonly datanodeProcesses: readonly Daemon[]
  datanodeDir(index: number): string
  killDatanode(index: number): Promise<void>
  restartDatanode(index: number): Promise<void>
  killNamenode(): Promise<void>
  restartNamenode(): Promise<void>
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
