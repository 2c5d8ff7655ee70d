import { resolve } from 'node:path'
import type { DataNodeOptions } from '@cairn/datanode'
import { type Configuration, type Environment, loadConfiguration } from '@cairn/hadoop-conf'
import { UsageError } from '../errors.ts'

/** What the command line says about a DataNode. */
export interface DataNodeFlags {
  readonly namenode: readonly string[]
  readonly dir: readonly string[]
  readonly host: string | undefined
  readonly hostname: string | undefined
  readonly port: string | undefined
  readonly ipcPort: string | undefined
  readonly web: string | undefined
  readonly confDir: string | undefined
  /** Files and `KEY=VALUE`. */
  readonly conf: readonly string[]
}

/** A configuration, and how to read it again: from the same files, under the same flags. */
export interface DataNodeConfiguration {
  readonly configuration: Configuration
  reload(): Promise<Configuration>
  /** Options for `startDataNode`. */
  readonly options: DataNodeOptions
  /** Keys that nobody knows. */
  readonly unknown: readonly string[]
}

/** Reads files and flags; a flag is a setting that wins. Throws UsageError, ConfigurationError, TypeError. */
export async function readDataNodeConfiguration(
  flags: DataNodeFlags,
  { env, cwd }: { readonly env: Environment; readonly cwd: string },
): Promise<DataNodeConfiguration> {
  const { configuredDataNode, configuredNameservices, defaultPorts, localAddressTowards } = await import(
    '@cairn/datanode'
  )
  const files = flags.conf.filter((one) => !one.includes('=')).map((file) => resolve(cwd, file))
  const confDir = flags.confDir === undefined ? undefined : resolve(cwd, flags.confDir)
  const fromFlags = {
    ...pairs(flags.conf),
    ...namenodeSettings(flags.namenode),
    ...dirSettings(flags.dir, cwd),
    ...named(flags),
  }
  const reload = (): Promise<Configuration> =>
    loadConfiguration({ env, confDir, files, overrides: fromFlags })
  const configuration = await reload()
  const nameservices = namenodesOf(() => configuredNameservices(configuration))
  const { options, unknown } = configuredDataNode(configuration)
  if ((options.dirs ?? []).length === 0) {
    throw new UsageError(
      'say where blocks are kept: --dir DIRECTORY, or dfs.datanode.data.dir in the configuration',
    )
  }
  const first = Object.values(nameservices)[0]![0]!
  const host = flags.host ?? options.host ?? (await localAddressTowards(first.host, first.port)) ?? anyAddress
  const configured: DataNodeOptions = {
    port: defaultPorts.transfer,
    ipcPort: defaultPorts.ipc,
    httpPort: defaultPorts.http,
    ...options,
    host,
    ...hosts(flags, options, host),
    ...ports(flags),
    nameservices,
    configuration,
    reloadConfiguration: reload,
  }
  return { configuration, reload, options: configured, unknown }
}

/** Where the way to the NameNode is not known yet. */
const anyAddress = '0.0.0.0'

function namenodesOf<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError(
      `say which NameNode to join: --namenode hdfs://HOST:PORT, or fs.defaultFS or dfs.nameservices in the configuration (${(error as Error).message})`,
    )
  }
}

/** `--host` is for all three ports. */
function hosts(
  flags: DataNodeFlags,
  options: Partial<DataNodeOptions>,
  host: string,
): Partial<DataNodeOptions> {
  if (flags.host !== undefined) return { ipcHost: host, httpHost: host }
  return { ipcHost: options.ipcHost ?? host, httpHost: options.httpHost ?? host }
}

function ports(flags: DataNodeFlags): Partial<DataNodeOptions> {
  const one = (flag: string, text: string | undefined, option: 'port' | 'ipcPort' | 'httpPort') =>
    text === undefined ? {} : { [option]: portOf(flag, text) }
  return {
    ...one('--port', flags.port, 'port'),
    ...one('--ipc-port', flags.ipcPort, 'ipcPort'),
    ...one('--web', flags.web, 'httpPort'),
  }
}

function portOf(flag: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UsageError(`${flag} takes a number from 0 to 65535, not '${text}'`)
}

function named({ hostname }: DataNodeFlags): Record<string, string> {
  return hostname === undefined ? {} : { 'dfs.datanode.hostname': hostname }
}

function pairs(conf: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const one of conf) {
    const equals = one.indexOf('=')
    if (equals === 0) throw new UsageError(`--conf takes FILE or KEY=VALUE, not '${one}'`)
    if (equals > 0) settings[one.slice(0, equals)] = one.slice(equals + 1)
  }
  return settings
}

function dirSettings(dirs: readonly string[], cwd: string): Record<string, string> {
  if (dirs.length === 0) return {}
  const absolute = dirs.map((dir) => {
    if (dir.includes(',')) throw new UsageError(`--dir takes one directory, without a comma: '${dir}'`)
    const [, type = '', path = dir] = /^(\[\w+\])?(.*)$/.exec(dir) ?? []
    if (path === '') throw new UsageError(`--dir takes a directory, not '${dir}'`)
    return path.startsWith('file:') ? dir : type + resolve(cwd, path)
  })
  return { 'dfs.datanode.data.dir': absolute.join(',') }
}

/** Names without ports are nameservices of the configuration; addresses are the NameNodes of one nameservice. */
function namenodeSettings(namenodes: readonly string[]): Record<string, string> {
  if (namenodes.length === 0) return {}
  const authorities = namenodes.map((one) => {
    const found = /^(?:hdfs:\/\/)?([^/\s]+)\/?$/i.exec(one)
    if (found) return found[1]!
    throw new UsageError(`--namenode takes hdfs://HOST:PORT, not '${one}'`)
  })
  if (authorities.every((one) => /^[\w-]+$/.test(one)))
    return { 'dfs.internal.nameservices': authorities.join(',') }
  if (authorities.length === 1) {
    // Empty counts as not set: what the files say about others is left aside.
    return {
      'dfs.internal.nameservices': '',
      'dfs.nameservices': '',
      'dfs.namenode.rpc-address': authorities[0]!,
      'dfs.namenode.servicerpc-address': '',
      'dfs.namenode.lifeline.rpc-address': '',
    }
  }
  const settings: Record<string, string> = {
    'dfs.internal.nameservices': 'namenodes',
    'dfs.ha.namenodes.namenodes': authorities.map((_, index) => `nn${index + 1}`).join(','),
  }
  authorities.forEach((authority, index) => {
    settings[`dfs.namenode.rpc-address.namenodes.nn${index + 1}`] = authority
  })
  return settings
}
