// What of a running DataNode can be changed with `hdfs dfsadmin -reconfig`; keys as in Java's DataNode.
import type { Configuration } from '@cairn/hadoop-conf'
import { balancerMovesMax, xceiversMax } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { MoveSlots } from '../transfer/move-slots.ts'
import { Reconfiguration, type Reconfigure } from './reconfiguration.ts'

/** The parts that take new values. */
export interface Reconfigurable {
  readonly moves: MoveSlots
  setConnectionsMax(count: number): void
  setBlockReportIntervalMs(ms: number): void
  refreshVolumes(dirs: readonly string[]): Promise<void>
}

const blockReportIntervalDefaultMs = 6 * 3_600_000

export function nodeReconfiguration(
  node: Reconfigurable,
  options: {
    readonly current: Configuration
    readonly reload: (() => Promise<Configuration>) | undefined
    readonly logger: Logger
  },
): Reconfiguration {
  const properties = new Map<string, Reconfigure>([
    [
      'dfs.datanode.data.dir',
      async (conf) => {
        const dirs = conf.list('dfs.datanode.data.dir')
        if (dirs.length === 0) throw new RangeError('change dfs.datanode.data.dir: found no directory')
        await node.refreshVolumes(dirs)
      },
    ],
    [
      'dfs.datanode.balance.max.concurrent.moves',
      (conf) => {
        node.moves.limit = positive(conf, 'dfs.datanode.balance.max.concurrent.moves', balancerMovesMax)
      },
    ],
    [
      'dfs.datanode.max.transfer.threads',
      (conf) => node.setConnectionsMax(positive(conf, 'dfs.datanode.max.transfer.threads', xceiversMax)),
    ],
    [
      'dfs.blockreport.intervalMsec',
      (conf) =>
        node.setBlockReportIntervalMs(
          conf.durationMs('dfs.blockreport.intervalMsec', blockReportIntervalDefaultMs),
        ),
    ],
  ])
  return new Reconfiguration({ ...options, properties })
}

function positive(conf: Configuration, name: string, fallback: number): number {
  const value = conf.int(name, fallback)
  if (value > 0) return value
  throw new RangeError(`change ${name}: found ${value}; 1 or more is allowed`)
}
