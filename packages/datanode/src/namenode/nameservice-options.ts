import type { DataNodeOptions } from '../options.ts'
import type { Nameservices } from './configured-nameservices.ts'
import { PeerLatencies } from './peer-latencies.ts'

/** The NameNodes that the options name. Throws TypeError when they name none. */
export function nameservicesOf({ namenode, nameservices }: DataNodeOptions): Nameservices {
  const services = nameservices ?? (namenode && { '': 'port' in namenode ? [namenode] : namenode })
  if (services && Object.values(services).some((namenodes) => namenodes.length > 0)) return services
  throw new TypeError('start a DataNode: found no NameNode to join; give namenode or nameservices')
}

/** Undefined where nobody measures: `dfs.datanode.peer.stats.enabled` is off by default. */
export function peerLatenciesOf({ peerStats }: DataNodeOptions): PeerLatencies | undefined {
  if (peerStats === undefined || peerStats === false) return undefined
  return new PeerLatencies({ now: () => performance.now(), ...(peerStats === true ? {} : peerStats) })
}
