import type { Configuration } from '@cairn/hadoop-conf'
import type { DiskBalancerOptions } from './disk-balancer/disk-balancer.ts'
import type { Logger } from './logger.ts'
import type { NamenodeAddress, Nameservices } from './namenode/configured-nameservices.ts'
import type { PeerLatencyOptions } from './namenode/peer-latencies.ts'
import type { DataTransferSecurityOptions } from './security/security-options.ts'
import type { DiskLatencyOptions } from './storage/disk/disk-latencies.ts'
import type { ReservedSpace } from './storage/reserved-space.ts'
import type { VolumeChoiceOptions } from './storage/volume-choice.ts'

/** When another node counts as slow; Java's keys stand with each. */
export type PeerStatsOptions = Omit<PeerLatencyOptions, 'now'>

/** How a DataNode is started. */
export interface DataNodeOptions {
  /** The NameNode's RPC address, or those of all NameNodes of an HA nameservice. */
  readonly namenode?: NamenodeAddress | readonly NamenodeAddress[]
  /** Instead of `namenode`: the NameNodes of several nameservices, each with a block pool of its own. */
  readonly nameservices?: Nameservices
  /**
   * Storage directories in Java's layout, made when they are not there; each may have its storage type before it, as
   * in `[SSD]/data/1`.
   */
  readonly dirs?: readonly string[]
  /** Instead of `dirs`: keep blocks in memory, at most so many bytes; all is lost at `close()`. */
  readonly memoryBytes?: number
  /** Where to listen, and the address under which clients and other DataNodes are sent here. Default 127.0.0.1. */
  readonly host?: string
  /** Name under which this node registers. Default: `localhost` for a loopback `host`, else the system's. */
  readonly hostName?: string
  /** Data transfer port. Default 0: a free one. */
  readonly port?: number
  /** RPC port, for recovery between DataNodes and for clients. Default 0: a free one. */
  readonly ipcPort?: number
  /** Where RPC listens. Default `host`. */
  readonly ipcHost?: string
  /** Versions of Hadoop RPC that clients may speak; 4 and 7 are for those of Hadoop 1 and of 2.0.0 to 2.0.2. Default: 9. */
  readonly rpcVersions?: readonly number[] | undefined
  /** Port of the status page, `/jmx` and `/metrics`, which the NameNode links to. 0: a free one. Default: there is none. */
  readonly httpPort?: number
  /** Where the status page listens. Default `host`. */
  readonly httpHost?: string
  readonly logger?: Logger
  /** The configuration that these options were made from; `/conf` shows it. */
  readonly configuration?: Configuration
  /** Reads the configuration again, for `hdfs dfsadmin -reconfig` and `-refreshNamenodes`. */
  readonly reloadConfiguration?: () => Promise<Configuration>
  /** `dfs.permissions.enabled`: only administrators may run this node. Default true. */
  readonly permissions?: boolean
  /** `dfs.permissions.superusergroup`. Default `supergroup`. */
  readonly supergroup?: string
  /** User of calls to the NameNode and other DataNodes. Default: the process's. */
  readonly user?: string
  /** `dfs.heartbeat.interval`. Default 3 s. */
  readonly heartbeatIntervalMs?: number
  /** `dfs.blockreport.intervalMsec`. Default 6 h. */
  readonly blockReportIntervalMs?: number
  /** `dfs.blockreport.initialDelay`: the first full report waits a random part of this. Default 0. */
  readonly blockReportInitialDelayMs?: number
  /** `dfs.blockreport.split.threshold`: from so many replicas on each volume is reported by itself. Default 1,000,000. */
  readonly blockReportSplitReplicas?: number
  /** `dfs.blockreport.incremental.intervalMsec`: complete blocks are told at most so often. Default 0: at once. */
  readonly incrementalReportIntervalMs?: number
  /** `dfs.datanode.lifeline.interval.seconds`: how late a heartbeat must be. Default three heartbeats. */
  readonly lifelineIntervalMs?: number
  /** `dfs.datanode.min.supported.namenode.version`: older ones are refused. Default 1.0.0; Java's is 2.1.0-beta. */
  readonly minimumNamenodeVersion?: string
  /** `dfs.datanode.peer.stats.enabled`: measures how fast others take packets, and reports who is slow. Default false. */
  readonly peerStats?: boolean | PeerStatsOptions
  /** Times file I/O of a sample of the replicas, and reports disks that are slow. Default: no file I/O is timed. */
  readonly diskStats?: DiskLatencyOptions
  /** `dfs.datanode.outliers.report.interval`. Default 30 min. */
  readonly outlierReportIntervalMs?: number
  /** Java's start option `-rollback`: puts back what a rolling upgrade, or one not finalized, has changed. */
  readonly rollback?: boolean
  /**
   * `dfs.datanode.max.locked.memory`: bytes of blocks that may be kept in memory for readers, by order of the NameNode
   * (cache directives). Java locks the pages of the files; here the bytes are in this process. Default 0: none.
   */
  readonly cacheBytes?: number
  /** `dfs.cachereport.intervalMsec`: how often the NameNode is told what is in memory. Default 10 s. */
  readonly cacheReportIntervalMs?: number
  /** `dfs.datanode.directoryscan.interval`: how often disks are compared with memory; 0 never. Default 6 h. */
  readonly directoryScanIntervalMs?: number
  /** `dfs.datanode.directoryscan.throttle.limit.ms.per.sec`: work in each second of that, 1 to 1000. Default 1000. */
  readonly directoryScanWorkMsPerSecond?: number
  /**
   * `dfs.block.scanner.volume.bytes.per.second`: how fast the replicas of each volume are read through and compared
   * with their checksums; 0 never. Default 1 MiB/s.
   */
  readonly blockScanBytesPerSecond?: number
  /** `dfs.datanode.scan.period.hours`: how often that begins anew; less than 0 never. Default 3 weeks. */
  readonly blockScanPeriodMs?: number
  /** `dfs.block.scanner.cursor.save.interval.ms`: how often it writes down how far it came. Default 10 min. */
  readonly blockScanCursorSaveMs?: number
  /** `dfs.datanode.max.transfer.threads`: connections served at once. Default 4096. */
  readonly xceiversMax?: number
  /** `dfs.datanode.socket.reuse.keepalive`. Default 4 s. */
  readonly keepAliveMs?: number
  /** `dfs.client.socket-timeout` of this side: silence that ends an operation. Default 60 s. */
  readonly idleMs?: number
  /**
   * `dfs.datanode.synconclose`: makes every block durable before its last acknowledgement, so that it outlives a
   * power loss. Default false, as in Java: a block outlives a kill of the process at any moment, and `hsync` is there
   * for those who need more.
   */
  readonly syncOnClose?: boolean
  /**
   * `dfs.datanode.restart.replica.expiration`: for how long after an announced restart a half-written replica waits for
   * its writer. Default 50 s.
   */
  readonly restartReplicaMs?: number
  /** `dfs.datanode.data.dir.perm`: who may look into the storage directories. Default 0o700: nobody else. */
  readonly dirPermissions?: number
  /** `dfs.datanode.du.reserved`: bytes of each volume that are left to others. Default 0. */
  readonly duReservedBytes?: number
  /** The same in full: percentages, types, directories. Goes before `duReservedBytes`. */
  readonly reserved?: ReservedSpace
  /** `dfs.datanode.fsdataset.volume.choosing.policy` and its settings. Default: volumes take turns. */
  readonly volumeChoice?: VolumeChoiceOptions
  /**
   * `dfs.datanode.failed.volumes.tolerated`: so many disks may fail before the node stops; −1: all but one. Default 0,
   * as in Java.
   */
  readonly failedVolumesTolerated?: number
  /** `dfs.datanode.disk.check.min.gap`: a disk is not looked at again sooner. Default 10 s, where Java has 15 min. */
  readonly diskCheckMinGapMs?: number
  /** `dfs.disk.balancer.*`: moves between the volumes of this node by plan. Default: as in Java. */
  readonly diskBalancer?: DiskBalancerOptions
  /** `dfs.datanode.disk.check.timeout`: a disk that gives no answer for so long has failed. Default 10 min. */
  readonly diskCheckTimeoutMs?: number
  /** `dfs.datanode.balance.bandwidthPerSec`. Default 100 MiB/s. */
  readonly balanceBytesPerSecond?: number
  /** `dfs.datanode.balance.max.concurrent.moves`. Default 100. */
  readonly balancerMovesMax?: number
  /** Encryption and login of data transfer. Block tokens are checked when the NameNode says so. Default: neither. */
  readonly security?: DataTransferSecurityOptions
  /** `dfs.datanode.ec.reconstruction.threads`: block groups that are reconstructed at once. Default 8. */
  readonly reconstructionsMax?: number
  /** `dfs.datanode.ec.reconstruction.stripedread.buffer.size`: bytes of each unit in memory. Default 256 KiB. */
  readonly reconstructionBufferBytes?: number
  /** `dfs.datanode.ec.reconstruction.stripedread.timeout.millis`: then another unit is read instead. Default 5 s. */
  readonly reconstructionReadTimeoutMs?: number
  /** `dfs.datanode.ec.reconstruction.xmits.weight`: what one connection counts in heartbeats. Default 0.5. */
  readonly reconstructionXmitsWeight?: number
  /** `dfs.datanode.use.datanode.hostname`. Default false. */
  readonly useDatanodeHostname?: boolean
  /** From 0 to below 1: varies the waits for a NameNode that is away. Default `Math.random`. */
  readonly random?: () => number
}
