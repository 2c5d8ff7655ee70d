import type { DataNodeOptions } from '../options.ts'
import { DiskLatencies } from '../storage/disk/disk-latencies.ts'
import type { Nameservices } from './configured-nameservices.ts'
import { PeerLatencies } from './peer-latencies.ts'

/** `dfs.datanode.outliers.report.interval` */
export const outlierReportIntervalMsDefault = 30 * 60_000

/** The NameNodes that the options name. Throws TypeError when they name none. */
export function nameservicesOf({ namenode, nameservices }: DataNodeOptions): Nameservices {
  const services = nameservices ?? (namenode && { '': 'port' in namenode ? [namenode] : namenode })
  if (services && Object.values(services).some((namenodes) => namenodes.length > 0)) return services
  throw new TypeError('start a DataNode: found no NameNode to join; give namenode or nameservices')
}

/** Undefined where nobody measures: `dfs.datanode.fileio.profiling.sampling.percentage` is 0 by default. */
export function diskLatenciesOf(options: DataNodeOptions): DiskLatencies | undefined {
  const { diskStats, random = Math.random } = options
  if (diskStats === undefined || diskStats.samplingPercentage <= 0) return undefined
  const intervalMs = options.outlierReportIntervalMs ?? outlierReportIntervalMsDefault
  return new DiskLatencies(diskStats, { random, now: () => performance.now() }, intervalMs)
}

/** Undefined where nobody measures: `dfs.datanode.peer.stats.enabled` is off by default. */
export function peerLatenciesOf({ peerStats }: DataNodeOptions): PeerLatencies | undefined {
  if (peerStats === undefined || peerStats === false) return undefined
  return new PeerLatencies({ now: () => performance.now(), ...(peerStats === true ? {} : peerStats) })
}
