import { type Setting, size, time } from './setting.ts'

const periodKey = 'dfs.datanode.scan.period.hours'
const throttleKey = 'dfs.datanode.directoryscan.throttle.limit.ms.per.sec'
const hourMs = 3_600_000

/** Settings about what watches over the replicas. */
export const replicaSettings: readonly Setting[] = [
  size(
    'dfs.datanode.max.locked.memory',
    'cacheBytes',
    '0',
    'How much of the blocks of cache directives may be in memory. It is memory of this process, not locked pages: no `ulimit -l` is needed, and checksums take 1 % more.',
  ),
  time(
    'dfs.cachereport.intervalMsec',
    'ms',
    'cacheReportIntervalMs',
    '10000',
    'How often the NameNode is told what is in memory.',
  ),
  time(
    'dfs.datanode.directoryscan.interval',
    's',
    'directoryScanIntervalMs',
    '21600',
    'How often the disks are compared with memory; 0 never.',
  ),
  {
    key: throttleKey,
    form: 'number (ms), 1 to 1000',
    default: '1000',
    meaning: 'How much of each second that may work; anything else means all of it.',
    options: ['directoryScanWorkMsPerSecond'],
    read: (conf) => {
      const ms = conf.int(throttleKey, 1000)
      return { directoryScanWorkMsPerSecond: ms < 1 || ms > 1000 ? 1000 : ms }
    },
  },
  size(
    'dfs.block.scanner.volume.bytes.per.second',
    'blockScanBytesPerSecond',
    '1048576',
    'How fast the replicas of each volume are read through and compared with their checksums; 0 never.',
  ),
  {
    key: periodKey,
    form: 'number (hours)',
    default: '504',
    meaning: 'How often that begins anew; 0 is the default, less never.',
    options: ['blockScanPeriodMs'],
    read: (conf) => ({ blockScanPeriodMs: (conf.int(periodKey, 0) || 504) * hourMs }),
  },
  time(
    'dfs.block.scanner.cursor.save.interval.ms',
    'ms',
    'blockScanCursorSaveMs',
    '600000',
    'How often it writes down how far it came.',
  ),
]
