// /jmx as Java's DataNode has it, as far as there is something to tell: names and attributes are those that monitoring
// looks for. A bean of Java's virtual machine has what Node knows of the same thing.
import { hostname } from 'node:os'
import type { Timing } from '../activity.ts'
import { type PlanStatus, planResult } from '../disk-balancer/disk-balancer.ts'
import { softwareVersion } from '../namenode/registration.ts'
import type { DataNodeStatus, NamenodeStatus } from '../status.ts'
import { storageTypeName } from '../storage/storage-location.ts'
import type { WebSource } from './web-source.ts'

/** One MBean. */
export type Bean = Readonly<Record<string, unknown>> & { readonly name: string; readonly modelerType: string }

const mib = 1024 * 1024

export function dataNodeBeans(source: WebSource): readonly Bean[] {
  const status = source.status()
  return [
    dataNodeInfo(status),
    dataNodeActivity(status, source),
    datasetState(status, 'FSDatasetState', { 'tag.Context': 'FSDatasetState', 'tag.Hostname': hostname() }),
    datasetState(status, `FSDatasetState-${status.uuid}`, {}),
    ...status.volumes.map((volume) => bean(`DataNodeVolume-${volume.path}`, { 'tag.Context': 'dfs' })),
    jvmMetrics(),
    runtime(status),
  ]
}

function bean(name: string, attributes: Readonly<Record<string, unknown>>, modelerType = name): Bean {
  return { name: `Hadoop:service=DataNode,name=${name}`, modelerType, ...attributes }
}

function dataNodeInfo(status: DataNodeStatus): Bean {
  const { address, ipcAddress, httpPort } = status
  const pools = status.namenodes.filter(({ blockPoolId }) => blockPoolId !== undefined)
  return bean(
    'DataNodeInfo',
    {
      Version: `${softwareVersion}, Cairn`,
      XceiverCount: status.xceivers,
      ActiveTransferThreadCount: status.transfers,
      DatanodeNetworkCounts: [],
      XmitsInProgress: status.transfers,
      SoftwareVersion: softwareVersion,
      RpcPort: portOf(ipcAddress),
      DataPort: portOf(address),
      HttpPort: String(httpPort ?? 0),
      DNStartedTimeInMillis: status.startedMs,
      NamenodeAddresses: JSON.stringify(
        Object.fromEntries(pools.map((one) => [hostOf(one.address), one.blockPoolId])),
      ),
      DatanodeHostname: status.hostName,
      BPServiceActorInfo: JSON.stringify(status.namenodes.map(actorInfo)),
      VolumeInfo: JSON.stringify(Object.fromEntries(status.volumes.map(volumeInfo))),
      ClusterId: status.clusterId ?? '',
      DiskBalancerStatus: status.diskBalancer ? diskBalancerStatus(status.diskBalancer) : '',
      SecurityEnabled: false,
      SendPacketDownstreamAvgInfo: null,
      SlowDisks: null,
    },
    'org.apache.hadoop.hdfs.server.datanode.DataNode',
  )
}

/** Java's `BPServiceActor.getActorInfoMap`: every value is text, times are seconds ago. */
function actorInfo(namenode: NamenodeStatus): Readonly<Record<string, string>> {
  const ago = (ms: number | undefined): string =>
    String(ms === undefined ? 0 : Math.max(0, Math.floor((Date.now() - ms) / 1000)))
  return {
    NamenodeAddress: namenode.address,
    NamenodeHaState: namenode.active ? 'active' : 'standby',
    BlockPoolID: namenode.blockPoolId ?? '',
    ActorState: actorStates[namenode.state],
    LastHeartbeat: ago(namenode.lastHeartbeatMs),
    LastHeartbeatResponseTime: ago(namenode.lastHeartbeatMs),
    LastBlockReport: ago(namenode.lastFullReportMs),
    maxBlockReportSize: '0',
    maxDataLength: String(128 * mib),
    isSlownode: 'false',
  }
}

const actorStates: Readonly<Record<NamenodeStatus['state'], string>> = {
  connecting: 'CONNECTING',
  serving: 'RUNNING',
  refused: 'FAILED',
  stopped: 'EXITED',
}

function volumeInfo(volume: DataNodeStatus['volumes'][number]): [string, Readonly<Record<string, unknown>>] {
  return [
    volume.path,
    {
      usedSpace: volume.used,
      freeSpace: volume.remaining,
      reservedSpace: volume.reserved,
      reservedSpaceForReplicas: volume.reservedForReplicas,
      numBlocks: volume.replicas,
      storageType: storageTypeName(volume.storageType),
    },
  ]
}

/** Java's `DiskBalancerWorkStatus.toJsonString`. */
function diskBalancerStatus({ result, planId, planFile, currentStatus }: PlanStatus): string {
  const name = Object.entries(planResult).find(([, number]) => number === result)?.[0] ?? 'NO_PLAN'
  return JSON.stringify({
    result: name,
    planID: planId,
    planFile,
    currentState: currentStatus === '' ? [] : JSON.parse(currentStatus),
  })
}

function dataNodeActivity(status: DataNodeStatus, { activity }: WebSource): Bean {
  return bean(`DataNodeActivity-${status.hostName}-${portOf(status.address)}`, {
    'tag.SessionId': null,
    'tag.Context': 'dfs',
    'tag.Hostname': hostname(),
    BytesRead: activity.bytesRead,
    BytesWritten: activity.bytesWritten,
    BlocksRead: activity.blocksRead,
    BlocksWritten: activity.blocksWritten,
    BlocksReplicated: activity.blocksReplicated,
    BlocksRemoved: activity.blocksRemoved,
    BlocksVerified: status.blockScan.blocks,
    BlockVerificationFailures: status.blockScan.bad,
    BlocksCached: status.cache.counts.cached,
    BlocksUncached: status.cache.counts.uncached,
    DataNodeActiveXceiversCount: status.xceivers,
    VolumeFailures: status.failedVolumes.length,
    ...rate('Heartbeats', activity.heartbeats),
    ...rate('BlockReports', activity.blockReports),
    ...rate('IncrementalBlockReports', activity.incrementalReports),
  })
}

function rate(name: string, timing: Timing): Readonly<Record<string, number>> {
  return { [`${name}NumOps`]: timing.count, [`${name}AvgTime`]: timing.averageMs }
}

function datasetState(status: DataNodeStatus, name: string, tags: Readonly<Record<string, unknown>>): Bean {
  const dirs = `FSDataset{dirpath='[${status.volumes.map(({ path }) => path).join(', ')}]'}`
  const isSource = 'tag.Context' in tags
  return bean(
    name,
    {
      ...tags,
      [isSource ? 'tag.StorageInfo' : 'StorageInfo']: dirs,
      Capacity: status.capacity,
      DfsUsed: status.used,
      Remaining: status.remaining,
      NumFailedVolumes: status.failedVolumes.length,
      ...(isSource ? {} : { FailedStorageLocations: status.failedVolumes.map(({ path }) => path) }),
      CacheCapacity: status.cache.capacityBytes,
      CacheUsed: status.cache.usedBytes,
      NumBlocksCached: status.cache.counts.cached - status.cache.counts.uncached,
      NumBlocksFailedToCache: status.cache.counts.failed,
      PendingAsyncDeletions: 0,
    },
    isSource ? name : 'org.apache.hadoop.hdfs.server.datanode.fsdataset.impl.FsDatasetImpl',
  )
}

function jvmMetrics(): Bean {
  const { heapUsed, heapTotal, rss, external } = process.memoryUsage()
  return bean('JvmMetrics', {
    'tag.Context': 'jvm',
    'tag.ProcessName': 'DataNode',
    'tag.SessionId': null,
    'tag.Hostname': hostname(),
    MemHeapUsedM: heapUsed / mib,
    MemHeapCommittedM: heapTotal / mib,
    MemNonHeapUsedM: external / mib,
    MemNonHeapCommittedM: (rss - heapTotal) / mib,
    MemMaxM: rss / mib,
  })
}

function runtime(status: DataNodeStatus): Bean {
  return {
    name: 'java.lang:type=Runtime',
    modelerType: 'sun.management.RuntimeImpl',
    Name: `${process.pid}@${hostname()}`,
    StartTime: status.startedMs,
    Uptime: Date.now() - status.startedMs,
    VmName: 'Node.js',
    VmVersion: process.version,
  }
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1)
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'))
}
