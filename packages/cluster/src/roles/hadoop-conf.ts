import type { DataNodeOptions } from '@cairn/datanode'
import { Configuration } from '@cairn/hadoop-conf'
import type { NameNodeOptions } from '@cairn/namenode'
import type { Conf, DatanodeSpec, NamenodeSpec } from './role.ts'

/** Replicas of a new file where nothing else is said: Hadoop's number, or as many as there are DataNodes. */
const replicationMax = 3

function configurationOf(conf: Conf): Configuration {
  return new Configuration().with(conf)
}

/** A NameNode's options from settings under Hadoop's names. Throws ConfigurationError. */
export function namenodeOptions(spec: NamenodeSpec): NameNodeOptions {
  const conf = configurationOf(spec.conf)
  const integer = (name: string) => (conf.get(name) === undefined ? undefined : conf.int(name, 0))
  const bytes = (name: string) => (conf.get(name) === undefined ? undefined : conf.bytes(name, 0))
  const ms = (name: string, unit: 'ms' | 's') =>
    conf.get(name) === undefined ? undefined : conf.durationMs(name, 0, unit)
  const options = {
    permissions:
      conf.get('dfs.permissions.enabled') === undefined
        ? undefined
        : conf.boolean('dfs.permissions.enabled', true),
    ownerMaySetQuota: conf.boolean('dfs.permissions.allow.owner.set.quota', false),
    supergroup: conf.get('dfs.permissions.superusergroup'),
    replicationDefault: integer('dfs.replication') ?? Math.min(replicationMax, spec.datanodes),
    replicationMin: integer('dfs.namenode.replication.min'),
    replicationMax: integer('dfs.replication.max'),
    blockSizeDefault: bytes('dfs.blocksize'),
    blockSizeMin: bytes('dfs.namenode.fs-limits.min-block-size'),
    blocksPerFileMax: integer('dfs.namenode.fs-limits.max-blocks-per-file'),
    componentBytesMax: integer('dfs.namenode.fs-limits.max-component-length'),
    directoryItemsMax: integer('dfs.namenode.fs-limits.max-directory-items'),
    xattrsPerInodeMax: integer('dfs.namenode.fs-limits.max-xattrs-per-inode'),
    xattrBytesMax: integer('dfs.namenode.fs-limits.max-xattr-size'),
    bytesPerChecksum: bytes('dfs.bytes-per-checksum'),
    listingMax: integer('dfs.ls.limit'),
    batchedListingMax: integer('dfs.batched.ls.limit'),
    trashIntervalMinutes: integer('fs.trash.interval'),
    heartbeatIntervalMs: ms('dfs.heartbeat.interval', 's'),
    heartbeatRecheckMs: ms('dfs.namenode.heartbeat.recheck-interval', 'ms'),
    staleIntervalMs: ms('dfs.namenode.stale.datanode.interval', 'ms'),
    redundancyIntervalMs: ms('dfs.namenode.redundancy.interval.seconds', 's'),
    leaseHardMs: ms('dfs.namenode.lease-hard-limit-sec', 's'),
    leaseRecheckMs: ms('dfs.namenode.lease-recheck-interval-ms', 'ms'),
    transferTimeoutMs: ms('dfs.namenode.reconstruction.pending.timeout-sec', 's'),
    accessTimePrecisionMs: ms('dfs.namenode.accesstime.precision', 'ms'),
    // Not Hadoop's 0: with one, nobody is told that there is no room while the first DataNode is still registering.
    safeModeDatanodesMin: integer('dfs.namenode.safemode.min.datanodes') ?? 1,
    safeModeExtensionMs: ms('dfs.namenode.safemode.extension', 'ms'),
  } satisfies Partial<Record<keyof NameNodeOptions, unknown>>
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** A DataNode's options from settings under Hadoop's names; where it is belongs to the cluster. Throws ConfigurationError. */
export async function datanodeOptions(spec: DatanodeSpec): Promise<DatanodeTuning> {
  const { configuredDataNode } = await import('@cairn/datanode')
  const configuration = configurationOf(spec.conf)
  const { dirs, host, port, ipcHost, ipcPort, httpHost, httpPort, ...tuning } =
    configuredDataNode(configuration).options
  // Several nodes share these settings: a status page there is, on a free port each.
  return { ...tuning, configuration, ...(httpPort === undefined ? {} : { httpPort: 0 }) }
}

/** What of a DataNode's options can be configured. */
type DatanodeTuning = Omit<DataNodeOptions, 'namenode' | 'dirs' | 'host' | 'port'>
