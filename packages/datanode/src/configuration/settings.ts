// Every setting of Hadoop's files that this DataNode obeys: parsing (`datanode-options.ts`) and the page
// docs/datanode-configuration.md are made from this table. Defaults are those of hdfs-default.xml, or say why not.
import type { Configuration } from '@cairn/hadoop-conf'
import type { PeerStatsOptions } from '../options.ts'
import { dataTransferSecurityOf } from '../security/security-options.ts'
import type { DiskLatencyOptions } from '../storage/disk/disk-latencies.ts'
import { listenAddress } from './addresses.ts'
import { replicaSettings } from './replica-settings.ts'
import { flag, integer, partsOf, type Setting, size, text, time, timeOrEver } from './setting.ts'
import { decimal, storageSettings } from './storage-settings.ts'

/** A part of the page. */
export interface SettingGroup {
  readonly title: string
  readonly settings: readonly Setting[]
}

/** Ports of Hadoop 3. */
export const defaultPorts = { transfer: 9866, ipc: 9867, http: 9864 } as const

const addresses: readonly Setting[] = [
  {
    key: 'dfs.datanode.address',
    form: 'host:port',
    default: `this machine's address towards the NameNode:${defaultPorts.transfer}`,
    meaning:
      'Where data transfer listens. Hadoop listens on every address (`0.0.0.0`); write that for the same. The NameNode sends clients to the address that it sees this node under.',
    options: ['host', 'port'],
    read: (conf) => listenAddress(conf, 'dfs.datanode.address', defaultPorts.transfer),
  },
  {
    key: 'dfs.datanode.ipc.address',
    form: 'host:port',
    default: `as above:${defaultPorts.ipc}`,
    meaning: 'Where RPC listens: `hdfs dfsadmin`, clients that read open files, recovery between DataNodes.',
    options: ['ipcHost', 'ipcPort'],
    read: (conf) => {
      const { host, port } = listenAddress(conf, 'dfs.datanode.ipc.address', defaultPorts.ipc)
      return { ipcHost: host, ipcPort: port }
    },
  },
  {
    key: 'dfs.datanode.http.address',
    form: 'host:port',
    default: `as above:${defaultPorts.http}`,
    meaning: 'Where the status page, `/jmx` and `/metrics` are; the NameNode links there.',
    options: ['httpHost', 'httpPort'],
    read: (conf) => {
      const { host, port } = listenAddress(conf, 'dfs.datanode.http.address', defaultPorts.http)
      return { httpHost: host, httpPort: port }
    },
  },
  text(
    'dfs.datanode.hostname',
    'hostName',
    "the machine's name",
    'Name under which this node registers; clients with `dfs.client.use.datanode.hostname` dial it.',
  ),
  flag(
    'dfs.datanode.use.datanode.hostname',
    'useDatanodeHostname',
    'false',
    'Dials other DataNodes by name instead of address.',
  ),
]

const peers = partsOf('peerStats', peerStats)
const disks = partsOf('diskStats', diskStats)

const namenodes: readonly Setting[] = [
  time(
    'dfs.heartbeat.interval',
    's',
    'heartbeatIntervalMs',
    '3',
    'Between two heartbeats. The NameNode must be told the same.',
  ),
  time(
    'dfs.blockreport.intervalMsec',
    'ms',
    'blockReportIntervalMs',
    '21600000',
    'Between two full block reports.',
  ),
  time(
    'dfs.blockreport.initialDelay',
    's',
    'blockReportInitialDelayMs',
    '0',
    'The first full report waits a random part of this.',
  ),
  integer(
    'dfs.blockreport.split.threshold',
    'blockReportSplitReplicas',
    '1000000',
    'From so many replicas on, each volume is reported in a call of its own.',
  ),
  time(
    'dfs.blockreport.incremental.intervalMsec',
    'ms',
    'incrementalReportIntervalMs',
    '0',
    'Complete blocks are told at most so often; 0: at once.',
  ),
  time(
    'dfs.datanode.lifeline.interval.seconds',
    's',
    'lifelineIntervalMs',
    'three heartbeats',
    'How late a heartbeat must be for a lifeline message.',
  ),
  text(
    'dfs.datanode.min.supported.namenode.version',
    'minimumNamenodeVersion',
    '1.0.0',
    'NameNodes that are older are refused.',
  ),
  peers(
    'dfs.datanode.peer.stats.enabled',
    'true or false',
    'false',
    'Measures how fast others take packets, and reports who is slow.',
  ),
  peers(
    'dfs.datanode.peer.metrics.min.outlier.detection.samples',
    'number',
    '1000',
    'So many packets make a measurement.',
  ),
  peers(
    'dfs.datanode.min.outlier.detection.nodes',
    'number',
    '10',
    'With fewer others nobody is called slow.',
  ),
  peers('dfs.datanode.slowpeer.low.threshold.ms', 'number (ms)', '5', 'Faster than this is never slow.'),
  disks(
    'dfs.datanode.fileio.profiling.sampling.percentage',
    'number (%)',
    '0',
    'Of how many replicas that are opened the file I/O is timed, to report disks that are slow.',
  ),
  disks('dfs.datanode.min.outlier.detection.disks', 'number', '5', 'With fewer disks none is called slow.'),
  disks('dfs.datanode.slowdisk.low.threshold.ms', 'number (ms)', '20', 'Faster than this is never slow.'),
  time(
    'dfs.datanode.outliers.report.interval',
    'ms',
    'outlierReportIntervalMs',
    '30m',
    'How often slow peers and disks are told.',
  ),
]

function diskStats(conf: Configuration): DiskLatencyOptions {
  return {
    samplingPercentage: conf.int('dfs.datanode.fileio.profiling.sampling.percentage', 0),
    disksMin: conf.int('dfs.datanode.min.outlier.detection.disks', 5),
    lowThresholdMs: conf.int('dfs.datanode.slowdisk.low.threshold.ms', 20),
  }
}

function peerStats(conf: Configuration): boolean | PeerStatsOptions {
  if (!conf.boolean('dfs.datanode.peer.stats.enabled', false)) return false
  return {
    samplesMin: conf.int('dfs.datanode.peer.metrics.min.outlier.detection.samples', 1000),
    nodesMin: conf.int('dfs.datanode.min.outlier.detection.nodes', 10),
    lowThresholdMs: conf.int('dfs.datanode.slowpeer.low.threshold.ms', 5),
  }
}

const transfer: readonly Setting[] = [
  integer(
    'dfs.datanode.max.transfer.threads',
    'xceiversMax',
    '4096',
    'Data transfer connections served at once; more are closed. May be changed while the node runs.',
  ),
  timeOrEver(
    'dfs.client.socket-timeout',
    'ms',
    'idleMs',
    '60000',
    'Silence of a client or DataNode that ends an operation.',
  ),
  time(
    'dfs.datanode.socket.reuse.keepalive',
    'ms',
    'keepAliveMs',
    '4000',
    'How long a connection waits for its next read.',
  ),
  flag(
    'dfs.datanode.synconclose',
    'syncOnClose',
    'false',
    'Makes every block durable before its last acknowledgement.',
  ),
  size(
    'dfs.datanode.balance.bandwidthPerSec',
    'balanceBytesPerSecond',
    '100m',
    'What moves for the balancer may take; `hdfs dfsadmin -setBalancerBandwidth` changes it.',
  ),
  integer(
    'dfs.datanode.balance.max.concurrent.moves',
    'balancerMovesMax',
    '100',
    'Moves for the balancer at once. May be changed while the node runs.',
  ),
  time(
    'dfs.datanode.restart.replica.expiration',
    's',
    'restartReplicaMs',
    '50',
    'For how long after an announced restart half-written replicas wait for their writers.',
  ),
]

const ec = 'dfs.datanode.ec.reconstruction'

const reconstruction: readonly Setting[] = [
  integer(`${ec}.threads`, 'reconstructionsMax', '8', 'Block groups that are reconstructed at once.'),
  size(
    `${ec}.stripedread.buffer.size`,
    'reconstructionBufferBytes',
    '262144',
    'Bytes of each unit in memory.',
  ),
  time(
    `${ec}.stripedread.timeout.millis`,
    'ms',
    'reconstructionReadTimeoutMs',
    '5000',
    'When a unit does not come within this, another is read instead.',
  ),
  {
    key: `${ec}.xmits.weight`,
    form: 'number',
    default: '0.5',
    meaning: 'What one connection of a reconstruction counts in heartbeats.',
    options: ['reconstructionXmitsWeight'],
    read: (conf) => ({ reconstructionXmitsWeight: decimal(conf, `${ec}.xmits.weight`, 0.5) }),
  },
]

const protection = partsOf('security', dataTransferSecurityOf)

const security: readonly Setting[] = [
  protection(
    'dfs.encrypt.data.transfer',
    'true or false',
    'false',
    'Every data connection logs in and is encrypted. The NameNode must be told the same, and have block tokens.',
  ),
  protection(
    'dfs.encrypt.data.transfer.algorithm',
    '3des or rc4',
    '3des',
    'The cipher of connections from here.',
  ),
  protection(
    'dfs.encrypt.data.transfer.cipher.suites',
    'AES/CTR/NoPadding',
    '',
    'Replaces that slow cipher behind the login.',
  ),
  protection(
    'dfs.encrypt.data.transfer.cipher.key.bitlength',
    '128, 192 or 256',
    '128',
    'Length of its keys.',
  ),
  protection(
    'dfs.data.transfer.protection',
    'names',
    '',
    'Data connections log in with their block token: `authentication`, `integrity`, `privacy`.',
  ),
  protection(
    'dfs.block.access.token.protobuf.enable',
    'true or false',
    'false',
    'The form of tokens that this node makes.',
  ),
]

const access: readonly Setting[] = [
  flag(
    'dfs.permissions.enabled',
    'permissions',
    'true',
    'Only administrators may run this node with `hdfs dfsadmin`.',
  ),
  text(
    'dfs.permissions.superusergroup',
    'supergroup',
    'supergroup',
    "Members of this group of the machine are administrators, besides the DataNode's user.",
  ),
]

/** Which NameNodes to join; `configured-nameservices.ts` reads them. */
const whereNamenodesAre: readonly Setting[] = [
  address('dfs.nameservices', 'names', 'Nameservices of the cluster; the node joins each: federation.'),
  address('dfs.internal.nameservices', 'names', 'Those of them that this node joins, where it is not all.'),
  address('dfs.ha.namenodes.', 'names', 'Followed by a nameservice: its NameNodes.', true),
  address(
    'dfs.namenode.rpc-address',
    'host:port',
    'Followed by `.nameservice.namenode` where there are any: the NameNode.',
    true,
  ),
  address(
    'dfs.namenode.servicerpc-address',
    'host:port',
    'The same, where DataNodes have a port of their own.',
    true,
  ),
  address(
    'dfs.namenode.lifeline.rpc-address',
    'host:port',
    'Takes signs of life when the other port is busy.',
    true,
  ),
  address('fs.defaultFS', 'hdfs://host:port', 'The NameNode, where no address is given above.'),
]

function address(key: string, form: string, meaning: string, prefix?: true): Setting {
  const setting = { key, form, default: '', meaning, options: ['namenode'] } as const
  return prefix ? { ...setting, prefix } : setting
}

/** The whole table. */
export const settingGroups: readonly SettingGroup[] = [
  { title: 'NameNodes', settings: [...whereNamenodesAre, ...namenodes] },
  { title: 'Addresses', settings: addresses },
  { title: 'Storage', settings: storageSettings },
  { title: 'Watching over replicas', settings: replicaSettings },
  { title: 'Data transfer', settings: transfer },
  { title: 'Erasure coding', settings: reconstruction },
  { title: 'Access', settings: [...access, ...security] },
]

/** The setting of a key; undefined for one that this DataNode does not know. */
export function findSetting(key: string): Setting | undefined {
  for (const { settings } of settingGroups) {
    for (const setting of settings) {
      if (setting.key === key || (setting.prefix && key.startsWith(setting.key))) return setting
    }
  }
  return undefined
}

/** Every row. */
export function allSettings(): readonly Setting[] {
  return settingGroups.flatMap(({ settings }) => settings)
}
