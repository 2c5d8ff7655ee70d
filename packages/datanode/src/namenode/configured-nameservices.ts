import type { Configuration } from '@cairn/hadoop-conf'
import type { RpcAddress } from '@cairn/hadoop-ipc'

/** Where one NameNode takes a DataNode's calls. */
export interface NamenodeAddress extends RpcAddress {
  /** `dfs.namenode.lifeline.rpc-address`: takes signs of life when the NameNode's other calls queue. */
  readonly lifeline?: RpcAddress | undefined
}

/** The NameNodes of each nameservice by its name; one nameservice is one block pool. */
export type Nameservices = Readonly<Record<string, readonly NamenodeAddress[]>>

/** `fs.defaultFS` and the address keys may leave the port out. */
const defaultRpcPort = 8020

/**
 * The NameNodes that a DataNode of this configuration joins, as `DFSUtil.getNNServiceRpcAddressesForCluster`:
 * `dfs.internal.nameservices`, else `dfs.nameservices`; per NameNode `dfs.namenode.servicerpc-address`, else
 * `dfs.namenode.rpc-address`; without nameservices `fs.defaultFS` is the last resort [dnp.federation.1].
 * @throws TypeError when none is configured, or an address is none
 */
export function configuredNameservices(configuration: Configuration): Nameservices {
  const internal = configuration.list('dfs.internal.nameservices')
  const names = internal.length > 0 ? internal : configuration.list('dfs.nameservices')
  const services: Record<string, NamenodeAddress[]> = Object.create(null)
  for (const name of names) {
    const ids = configuration.list(`dfs.ha.namenodes.${name}`)
    const suffixes = ids.length > 0 ? ids.map((id) => `.${name}.${id}`) : [`.${name}`]
    services[name] = suffixes.map((suffix) => addressOf(configuration, suffix))
  }
  if (names.length === 0) services[''] = [addressOf(configuration, '')]
  return services
}

function addressOf(configuration: Configuration, suffix: string): NamenodeAddress {
  const key = `dfs.namenode.rpc-address${suffix}`
  const text =
    configuration.string(`dfs.namenode.servicerpc-address${suffix}`) ??
    configuration.string(key) ??
    (suffix === '' ? defaultFileSystem(configuration) : undefined)
  if (text === undefined) throw new TypeError(`join a NameNode: ${key} is not configured`)
  const lifeline = configuration.string(`dfs.namenode.lifeline.rpc-address${suffix}`)
  return lifeline === undefined
    ? parseAddress(key, text)
    : {
        ...parseAddress(key, text),
        lifeline: parseAddress(`dfs.namenode.lifeline.rpc-address${suffix}`, lifeline),
      }
}

function defaultFileSystem(configuration: Configuration): string | undefined {
  return /^hdfs:\/\/([^/]+)/i.exec(configuration.string('fs.defaultFS') ?? '')?.[1]
}

function parseAddress(key: string, text: string): RpcAddress {
  const found = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text.trim())
  const port = found?.[3] === undefined ? defaultRpcPort : Number(found[3])
  if (!found || port < 1 || port > 65_535) {
    throw new TypeError(
      `read ${key}: found ${JSON.stringify(text)}; host:port with a port from 1 to 65535 is allowed`,
    )
  }
  return { host: found[1] ?? found[2]!, port }
}
