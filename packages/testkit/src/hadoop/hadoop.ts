import type { CommandResult, Daemon } from './process.ts'

export interface HadoopOptions {
  /** Release to run. Default 3.4.3. */
  version?: string
  /** DataNodes, each its own process. Default 1; 0 leaves the NameNode alone for foreign DataNodes. */
  datanodes?: number
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

/** A running Apache Hadoop on loopback. */
export interface Hadoop {
  readonly version: string
  readonly dir: string
  readonly host: string
  /** RPC port of the NameNode. */
  readonly port: number
  readonly httpPort: number
  /** `hdfs://127.0.0.1:PORT` */
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
