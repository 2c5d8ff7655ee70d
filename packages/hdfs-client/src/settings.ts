import { userInfo } from 'node:os'
import type { ChecksumType } from '@cairn/checksum'
import { type Configuration, ConfigurationError, type Environment } from '@cairn/hadoop-conf'
import type { Qop } from '@cairn/hdfs-protocol'

/** How `connect` finds, authenticates to and talks to a cluster. Every option wins over the configuration. */
export interface ConnectOptions {
  /** Acts as this user. Default `HADOOP_PROXY_USER`, `HADOOP_USER_NAME`, then the process's user. */
  user?: string | undefined
  /** The user whose rights allow acting as `user` (a Hadoop proxy user). Default `HADOOP_USER_NAME` with `HADOOP_PROXY_USER`. */
  realUser?: string | undefined
  /** Ends `connect` itself; each operation takes a signal of its own. */
  signal?: AbortSignal | undefined
  /** Values of core-site.xml and hdfs-site.xml by name, or a loaded configuration, which then is the only one. */
  conf?: Configuration | Readonly<Record<string, string | number | boolean | undefined>> | undefined
  /** Folder of the configuration files; default `HADOOP_CONF_DIR`; false reads none. */
  confDir?: string | false | undefined
  /** Environment variables; default `process.env`. */
  env?: Environment | undefined
  /** Addresses (`host:port`) of a highly available cluster's NameNodes, instead of `dfs.ha.namenodes.*`. */
  namenodes?: readonly string[] | undefined
  /** Resolves without having talked to a NameNode. Default false: a wrong address is found at once. */
  lazy?: boolean | undefined
  /** Speaks this version of Hadoop RPC: 9, 8, 7 or 4; others are a RangeError. Default: the one that the NameNode answers to. */
  rpcVersion?: number | undefined
  /** Longest wait for a connection, and then for a sign of life on it, in milliseconds. Default 20,000 (`ipc.client.connect.timeout`). */
  connectTimeoutMs?: number | undefined
  /** Longest wait for a NameNode's answer, in milliseconds. Default 120,000 (`ipc.client.rpc-timeout.ms`). */
  callTimeoutMs?: number | undefined
  /**
   * Longest silence of a DataNode, in milliseconds. Default 60,000 (`dfs.client.socket-timeout`). Below the cluster's own
   * value a node that hangs in the middle of a pipeline cannot be told from the one before it.
   */
  dataTimeoutMs?: number | undefined
  /** How long calls are repeated while NameNodes start, fail over or restart, in milliseconds. Default 30,000. */
  retryMs?: number | undefined
  /** How long a change waits for the end of safe mode, in milliseconds. Default 0: EROFS at once. */
  safeModeWaitMs?: number | undefined
  /** Bytes per block of new files. Default `dfs.blocksize`, then the NameNode's. */
  blockSize?: number | undefined
  /** Copies of each block of new files. Default `dfs.replication`, then the NameNode's. */
  replication?: number | undefined
  /** Checksums of new files. Default `dfs.checksum.type`, then the NameNode's. */
  checksumType?: ChecksumType | undefined
  /** Bytes that one checksum covers. Default `dfs.bytes-per-checksum`, then the NameNode's. */
  bytesPerChecksum?: number | undefined
  /** Permission bits that new files and directories lack. Default `fs.permissions.umask-mode`, then 0o022. */
  umask?: number | undefined
  /** Dials DataNodes by host name, not by address. Default `dfs.client.use.datanode.hostname`, then false. */
  useDatanodeHostname?: boolean | undefined
  /** Compares what is read with its checksums. Default true. */
  verifyChecksums?: boolean | undefined
}

/** What to do when a DataNode of a pipeline fails (`dfs.client.block.write.replace-datanode-on-failure.*`). */
export interface ReplaceDatanodePolicy {
  readonly enabled: boolean
  readonly policy: 'DEFAULT' | 'ALWAYS' | 'NEVER'
  /** Goes on with the remaining DataNodes when no replacement is found. */
  readonly bestEffort: boolean
}

/** Options and configuration put together. */
export interface ClientSettings {
  readonly user: string
  readonly realUser: string | undefined
  /** Undefined: found out. */
  readonly rpcVersion: number | undefined
  readonly connectTimeoutMs: number
  readonly callTimeoutMs: number
  readonly dataTimeoutMs: number
  readonly retryMs: number
  readonly safeModeWaitMs: number
  /** Undefined: the NameNode's default; so are the next three. */
  readonly blockSize: number | undefined
  readonly replication: number | undefined
  readonly checksumType: ChecksumType | undefined
  readonly bytesPerChecksum: number | undefined
  readonly umask: number
  readonly useDatanodeHostname: boolean
  readonly verifyChecksums: boolean
  /** How long a write waits for a DataNode that announced a restart, when it has no other. */
  readonly datanodeRestartMs: number
  readonly replaceDatanode: ReplaceDatanodePolicy
  /** `dfs.data.transfer.protection`, the best first: DataNodes are logged in to with block tokens. Undefined: they are not. */
  readonly dataTransferProtection: readonly Qop[] | undefined
  /** Whether AES/CTR is proposed for encrypted connections (`dfs.encrypt.data.transfer.cipher.suites`). */
  readonly dataTransferAes: boolean
}

/** Puts options, configuration and environment together. Throws ConfigurationError. */
export function clientSettings(
  options: ConnectOptions,
  configuration: Configuration,
  env: Environment,
): ClientSettings {
  const proxied = env.HADOOP_PROXY_USER || undefined
  const login = env.HADOOP_USER_NAME || undefined
  const user = options.user ?? proxied ?? login ?? userInfo().username
  const viaProxy = options.user === undefined && proxied !== undefined
  const realUser = options.realUser ?? (viaProxy ? (login ?? userInfo().username) : undefined)
  return {
    user,
    realUser: realUser === user ? undefined : realUser,
    rpcVersion: options.rpcVersion,
    connectTimeoutMs: options.connectTimeoutMs ?? configuration.int('ipc.client.connect.timeout', 20_000),
    callTimeoutMs: options.callTimeoutMs ?? configuration.int('ipc.client.rpc-timeout.ms', 120_000),
    dataTimeoutMs: options.dataTimeoutMs ?? configuration.durationMs('dfs.client.socket-timeout', 60_000),
    retryMs: options.retryMs ?? 30_000,
    safeModeWaitMs: options.safeModeWaitMs ?? 0,
    blockSize: options.blockSize ?? positive(configuration.bytes('dfs.blocksize', 0)),
    replication: options.replication ?? positive(configuration.int('dfs.replication', 0)),
    checksumType: options.checksumType ?? checksumTypeOf(configuration),
    bytesPerChecksum: options.bytesPerChecksum ?? positive(configuration.bytes('dfs.bytes-per-checksum', 0)),
    umask: options.umask ?? umaskOf(configuration),
    useDatanodeHostname:
      options.useDatanodeHostname ?? configuration.boolean('dfs.client.use.datanode.hostname', false),
    verifyChecksums: options.verifyChecksums ?? true,
    datanodeRestartMs: configuration.durationMs('dfs.client.datanode-restart.timeout', 30_000, 's'),
    replaceDatanode: replaceDatanodeOf(configuration),
    dataTransferProtection: protectionOf(configuration),
    dataTransferAes: aesOf(configuration),
  }
}

function positive(value: number): number | undefined {
  return value > 0 ? value : undefined
}

const checksumTypes: readonly ChecksumType[] = ['NULL', 'CRC32', 'CRC32C']

function checksumTypeOf(configuration: Configuration): ChecksumType | undefined {
  const name = configuration.string('dfs.checksum.type')
  if (name === undefined || name === 'DEFAULT') return undefined
  const found = checksumTypes.find((type) => type === name)
  if (found) return found
  throw wrongValue('dfs.checksum.type', name, checksumTypes.join(', '))
}

function umaskOf(configuration: Configuration): number {
  const text = configuration.string('fs.permissions.umask-mode', '022')
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8) & 0o777
  throw wrongValue('fs.permissions.umask-mode', text, 'octal digits such as 022')
}

function replaceDatanodeOf(configuration: Configuration): ReplaceDatanodePolicy {
  const prefix = 'dfs.client.block.write.replace-datanode-on-failure'
  const name = configuration.string(`${prefix}.policy`, 'DEFAULT').toUpperCase()
  if (name !== 'DEFAULT' && name !== 'ALWAYS' && name !== 'NEVER') {
    throw wrongValue(`${prefix}.policy`, name, 'DEFAULT, ALWAYS, NEVER')
  }
  return {
    enabled: configuration.boolean(`${prefix}.enable`, true),
    policy: name,
    // Java fails such a write by default, which small clusters then do at the first lost DataNode.
    bestEffort: configuration.boolean(`${prefix}.best-effort`, true),
  }
}

const protections: Readonly<Record<string, Qop>> = {
  authentication: 'auth',
  integrity: 'auth-int',
  privacy: 'auth-conf',
}

function protectionOf(configuration: Configuration): readonly Qop[] | undefined {
  const name = 'dfs.data.transfer.protection'
  const text = configuration.string(name, '')
  if (text.trim() === '') return undefined
  return text.split(',').map((item) => {
    const qop = protections[item.trim().toLowerCase()]
    if (qop !== undefined) return qop
    throw wrongValue(name, item, Object.keys(protections).join(', '))
  })
}

function aesOf(configuration: Configuration): boolean {
  const name = 'dfs.encrypt.data.transfer.cipher.suites'
  const text = configuration.string(name, '')
  if (text === '' || text === 'AES/CTR/NoPadding') return text !== ''
  throw wrongValue(name, text, 'AES/CTR/NoPadding')
}

function wrongValue(name: string, found: string, allowed: string): ConfigurationError {
  return new ConfigurationError(
    'ERR_CONF_VALUE',
    `read ${name}: found ${JSON.stringify(found)}; ${allowed} is allowed`,
  )
}
