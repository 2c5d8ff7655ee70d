import { type Configuration, ConfigurationError } from '@cairn/hadoop-conf'

/** Where to listen, from `host:port`. */
export interface ListenAddress {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

/** Reads `host:port`, `[v6]:port` or `host` alone, which then has the default port. */
export function listenAddress(conf: Configuration, key: string, defaultPort: number): ListenAddress {
  const value = conf.string(key, '')
  const found = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(value)
  const port = found?.[3] === undefined ? defaultPort : Number(found[3])
  if (found && port <= 65_535) return { host: found[1] ?? found[2]!, port }
  throw new ConfigurationError(
    'ERR_CONF_VALUE',
    `read ${key} from ${conf.property(key)?.source}: found ${JSON.stringify(value)}; host:port with a port from 0 to 65535 is allowed`,
  )
}
