import type { Configuration } from '@cairn/hadoop-conf'
import { namenodesMax } from '../limits.ts'
import { NamenodeError } from './namenode-error.ts'

/** Where one NameNode answers. */
export interface NamenodeAddress {
  readonly host: string
  readonly port: number
}

/** The NameNodes behind one `hdfs://authority`. */
export interface NamenodeTarget {
  /** `host:port`, or the nameservice's name. */
  readonly authority: string
  /** One, or those of a highly available nameservice in the order of its configuration. */
  readonly addresses: readonly NamenodeAddress[]
}

/** `dfs.namenode.rpc-address` without a port, and `hdfs://host/`, mean this one. */
export const defaultRpcPort = 8020

/**
 * Finds the NameNodes of `hdfs://host:port/` or `hdfs://nameservice/`; without a URL those of `fs.defaultFS`.
 * `namenodes` (each `host:port`) replaces the configuration's list.
 */
export function namenodeTarget(
  url: string | URL | undefined,
  configuration: Configuration,
  namenodes?: readonly string[],
): NamenodeTarget {
  const authority = url === undefined ? defaultAuthority(configuration) : authorityOf(String(url))
  const addresses = namenodes ?? configuredAddresses(authority, configuration)
  if (addresses.length === 0 || addresses.length > namenodesMax) {
    throw new NamenodeError(
      'ERR_HDFS_ADDRESS',
      `connect to hdfs://${authority}: found ${addresses.length} NameNodes; 1 to ${namenodesMax} are allowed`,
    )
  }
  const parsed = addresses.map((address) => parseAddress(address))
  const plain = parsed.length === 1 && namenodes === undefined && !isNameservice(authority, configuration)
  return { authority: plain ? formatAddress(parsed[0]!) : authority, addresses: parsed }
}

/** `host:port`, with brackets around an IPv6 host. */
export function formatAddress({ host, port }: NamenodeAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function defaultAuthority(configuration: Configuration): string {
  const url = configuration.string('fs.defaultFS') ?? configuration.string('fs.default.name')
  if (url === undefined) {
    throw new NamenodeError(
      'ERR_HDFS_ADDRESS',
      'connect without a URL: fs.defaultFS is not configured; set HADOOP_CONF_DIR or name hdfs://host:port/',
    )
  }
  return authorityOf(url)
}

function authorityOf(url: string): string {
  const found = /^hdfs:\/\/([^/?#@\s]+)(?:\/|$)/i.exec(url)
  if (found) return found[1]!.toLowerCase()
  throw new NamenodeError(
    'ERR_HDFS_ADDRESS',
    `connect to ${JSON.stringify(url)}: a URL such as hdfs://host:8020/ or hdfs://nameservice/ is needed`,
  )
}

function isNameservice(authority: string, configuration: Configuration): boolean {
  return nameservices(configuration).some((name) => name.toLowerCase() === authority)
}

function nameservices(configuration: Configuration): readonly string[] {
  return [...configuration.list('dfs.nameservices'), ...configuration.list('dfs.internal.nameservices')]
}

function configuredAddresses(authority: string, configuration: Configuration): readonly string[] {
  const nameservice = nameservices(configuration).find((name) => name.toLowerCase() === authority)
  if (nameservice === undefined) return [authority]
  const ids = configuration.list(`dfs.ha.namenodes.${nameservice}`)
  const keys = ids.length
    ? ids.map((id) => `dfs.namenode.rpc-address.${nameservice}.${id}`)
    : [`dfs.namenode.rpc-address.${nameservice}`]
  return keys.map((key) => {
    const address = configuration.string(key)
    if (address !== undefined) return address
    throw new NamenodeError('ERR_HDFS_ADDRESS', `connect to hdfs://${authority}: ${key} is not configured`)
  })
}

function parseAddress(text: string): NamenodeAddress {
  const found = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text.trim())
  const port = found?.[3] === undefined ? defaultRpcPort : Number(found[3])
  if (!found || port < 1 || port > 65535) {
    throw new NamenodeError(
      'ERR_HDFS_ADDRESS',
      `connect to the NameNode ${JSON.stringify(text)}: host:port with a port from 1 to 65535 is needed`,
    )
  }
  return { host: found[1] ?? found[2]!, port }
}
