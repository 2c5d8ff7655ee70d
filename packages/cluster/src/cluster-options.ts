import { ClusterError } from './cluster-error.ts'
import { type Logger, silentLogger } from './logger.ts'

/** How a cluster is started. */
export interface ClusterOptions {
  /** Where everything is kept; absent: in memory, gone at the end. */
  readonly dir?: string | undefined
  /** Keeps everything in memory; with `dir` it is an error. Default: true where there is no `dir`. */
  readonly memory?: boolean | undefined
  /** How many DataNodes. Default 1. */
  readonly datanodes?: number | undefined
  /** Port of the NameNode; 0 takes a free one. Default 0. */
  readonly port?: number | undefined
  /** Port of the web page; 0 takes a free one; absent: no web page. */
  readonly web?: number | undefined
  /** Runs the NameNode and each DataNode in a process of its own, started again when it dies. Default false. */
  readonly processes?: boolean | undefined
  /**
   * Address to listen on, and under which clients are sent to DataNodes. Default 127.0.0.1: nobody else can reach the
   * cluster, which asks for no password.
   */
  readonly host?: string | undefined
  /** Default: silent. */
  readonly logger?: Logger | undefined
  /**
   * Versions of Hadoop RPC that the servers speak: 4 for clients of Hadoop 1, 7 for those of 2.0.0 to 2.0.2, 8 for those of
   * 2.0.3 to 2.0.6. Default `[9]`, which all later ones speak.
   */
  readonly rpc?: readonly number[] | undefined
  /** Settings under Hadoop's names: `dfs.replication`, `dfs.blocksize`, `dfs.permissions.enabled`, … */
  readonly conf?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Whom files are read as on the web page. Default `dr.who`, as in Hadoop. */
  readonly webUser?: string | undefined
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined
  /** Longest wait until the first write can succeed, in milliseconds. Default 60,000. */
  readonly startTimeoutMs?: number | undefined
}

/** Options with their defaults, checked. */
export interface ClusterSettings {
  readonly dir: string | undefined
  readonly datanodes: number
  readonly port: number
  readonly web: number | undefined
  readonly processes: boolean
  readonly host: string
  readonly logger: Logger
  readonly rpc: readonly number[]
  readonly conf: Readonly<Record<string, string | number | boolean>>
  readonly webUser: string
  readonly startTimeoutMs: number
}

/** More on one machine share nothing but its disk. */
const datanodesMax = 1_000

const rpcVersionToday = 9
const rpcVersionsKnown = [4, 7, 8, rpcVersionToday]

/** Fills in defaults. Throws `ERR_CLUSTER_OPTION`. */
export function clusterSettings(options: ClusterOptions): ClusterSettings {
  const { dir, datanodes = 1, port = 0, web } = options
  if (options.memory === true && dir !== undefined) {
    throw wrongOption('memory', `true with dir ${JSON.stringify(dir)}`, 'one of them')
  }
  if (options.memory === false && dir === undefined)
    throw wrongOption('dir', 'none with memory false', 'a path')
  if (dir === '') throw wrongOption('dir', '""', 'a path')
  if (!Number.isInteger(datanodes) || datanodes < 1 || datanodes > datanodesMax) {
    throw wrongOption('datanodes', String(datanodes), `1 to ${datanodesMax}`)
  }
  if (options.host === '0.0.0.0' || options.host === '::') {
    // DataNodes register under it, and clients are sent there.
    throw wrongOption('host', options.host, 'one address, under which clients reach this machine,')
  }
  for (const [name, value] of Object.entries({ port, web })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > 65_535)) {
      throw wrongOption(name, String(value), '0 to 65535')
    }
  }
  return {
    dir,
    datanodes,
    port,
    web,
    processes: options.processes === true,
    host: options.host ?? '127.0.0.1',
    logger: options.logger ?? silentLogger,
    rpc: rpcVersions(options.rpc),
    conf: options.conf ?? {},
    webUser: options.webUser ?? 'dr.who',
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
  }
}

/** Version 9 is always among them: the DataNodes speak it to the NameNode. */
function rpcVersions(asked: readonly number[] = []): readonly number[] {
  const unknown = asked.find((version) => !rpcVersionsKnown.includes(version))
  if (unknown !== undefined) throw wrongOption('rpc', String(unknown), `one or more of ${rpcVersionsKnown}`)
  return [...new Set([...asked, rpcVersionToday])]
}

function wrongOption(name: string, found: string, allowed: string): ClusterError {
  return new ClusterError(
    'ERR_CLUSTER_OPTION',
    `start a cluster with ${name}: found ${found}; ${allowed} is allowed`,
  )
}
