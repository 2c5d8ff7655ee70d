import type { HadoopMajor } from './releases.ts'

/** What Hadoop 1 calls a property that tests name as today's releases do; 2.x knows today's names. */
const namesOfOne: Readonly<Record<string, string>> = {
  'fs.defaultFS': 'fs.default.name',
  'dfs.namenode.name.dir': 'dfs.name.dir',
  'dfs.datanode.data.dir': 'dfs.data.dir',
  'dfs.namenode.http-address': 'dfs.http.address',
  'dfs.namenode.secondary.http-address': 'dfs.secondary.http.address',
  'dfs.namenode.checkpoint.dir': 'fs.checkpoint.dir',
  'dfs.namenode.safemode.extension': 'dfs.safemode.extension',
  'dfs.namenode.redundancy.interval.seconds': 'dfs.replication.interval',
  'dfs.namenode.replication.min': 'dfs.replication.min',
  'dfs.namenode.replication.pending.timeout-sec': 'dfs.replication.pending.timeout.sec',
  'dfs.namenode.heartbeat.recheck-interval': 'heartbeat.recheck.interval',
  'dfs.namenode.accesstime.precision': 'dfs.access.time.precision',
  'dfs.permissions.enabled': 'dfs.permissions',
  'dfs.permissions.superusergroup': 'dfs.permissions.supergroup',
  'dfs.blocksize': 'dfs.block.size',
  'dfs.bytes-per-checksum': 'io.bytes.per.checksum',
  'dfs.client-write-packet-size': 'dfs.write.packet.size',
  'dfs.client.socket-timeout': 'dfs.socket.timeout',
  'dfs.datanode.hostname': 'slave.host.name',
  'dfs.datanode.max.transfer.threads': 'dfs.datanode.max.xcievers',
}

/** What 2.x calls a property that only 3.x calls otherwise. */
const namesOfTwo: Readonly<Record<string, string>> = {
  'dfs.namenode.redundancy.interval.seconds': 'dfs.namenode.replication.interval',
}

/** What these releases do not do unless told. */
const additions: Readonly<Record<HadoopMajor, Readonly<Record<string, string>>>> = {
  1: { 'dfs.support.broken.append': 'true', 'dfs.support.append': 'true' },
  2: { 'dfs.support.append': 'true' },
  3: {},
}

/** Properties under the names that a release reads; Hadoop 1 takes folders as paths, not as URLs. */
export function namedFor(
  major: HadoopMajor,
  properties: Readonly<Record<string, string>>,
): Record<string, string> {
  if (major === 3) return { ...properties }
  const names = major === 1 ? namesOfOne : namesOfTwo
  const named: Record<string, string> = { ...additions[major] }
  for (const [name, value] of Object.entries(properties)) {
    named[names[name] ?? name] =
      major === 1 && name.endsWith('.dir') ? value.replace(/^file:\/\//, '') : value
  }
  return named
}
