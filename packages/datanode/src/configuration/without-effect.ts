/** Keys of Hadoop's DataNode that do nothing here, with the reason; naming them in the log would tell nothing new. */
export interface WithoutEffect {
  readonly why: string
  readonly keys: readonly string[]
}

export const withoutEffect: readonly WithoutEffect[] = [
  {
    why: 'One event loop does the work; there are no pools of threads to size.',
    keys: [
      'dfs.datanode.handler.count',
      'dfs.datanode.ipc.handler.count',
      'dfs.datanode.directoryscan.threads',
      'dfs.datanode.fsdatasetcache.max.threads.per.volume',
      'dfs.datanode.reconcile.blocks.batch.size',
      'dfs.datanode.reconcile.blocks.batch.interval',
      'dfs.datanode.fsdatasetasyncdisk.max.threads.per.volume',
      'dfs.datanode.volumes.replica-add.threadpool.size',
      'dfs.datanode.parallel.volumes.load.threads.num',
      'dfs.datanode.block.id.layout.upgrade.threads',
      'dfs.datanode.directoryscan.threads',
      'dfs.datanode.fsdatasetcache.max.threads.per.volume',
      'dfs.datanode.reconcile.blocks.batch.size',
      'dfs.datanode.reconcile.blocks.batch.interval',
      'dfs.datanode.bp-ready.timeout',
      'dfs.datanode.lock.fair',
      'dfs.datanode.lock-reporting-threshold-ms',
      'dfs.datanode.lock.read.write.enabled',
      'dfs.datanode.lockmanager.trace',
    ],
  },
  {
    why: 'The system decides about its page cache, read-ahead and socket buffers.',
    keys: [
      'dfs.datanode.readahead.bytes',
      'dfs.datanode.drop.cache.behind.reads',
      'dfs.datanode.drop.cache.behind.writes',
      'dfs.datanode.sync.behind.writes',
      'dfs.datanode.sync.behind.writes.in.background',
      'dfs.datanode.transferTo.allowed',
      'dfs.datanode.transfer.socket.send.buffer.size',
      'dfs.datanode.transfer.socket.recv.buffer.size',
    ],
  },
  {
    why: 'Block files are not handed to clients: they read through the DataNode.',
    keys: [
      'dfs.datanode.shared.file.descriptor.paths',
      'dfs.datanode.cached-dfsused.check.interval.ms',
      'dfs.datanode.replica.cache.root.dir',
      'dfs.datanode.replica.cache.expiry.time',
      'dfs.datanode.fixed.volume.size',
    ],
  },
  {
    why: 'There is one kind of storage, and nothing to plug Java classes into.',
    keys: [
      'dfs.datanode.plugins',
      'dfs.datanode.fsdataset.factory',
      'dfs.datanode.ram.disk.replica.tracker',
      'dfs.datanode.lazywriter.interval.sec',
      'dfs.datanode.nameservices.resolver.impl',
      'dfs.datanode.httpserver.filter.handlers',
      'dfs.datanode.http.internal-proxy.port',
      'dfs.datanode.metrics.logger.period.seconds',
      'dfs.datanode.network.counts.cache.max.size',
    ],
  },
  {
    why: 'HTTPS and the names of network interfaces are not served.',
    keys: [
      'dfs.datanode.https.address',
      'dfs.datanode.dns.interface',
      'dfs.datanode.dns.nameserver',
      'dfs.datanode.nameservices.resolution-enabled',
    ],
  },
]

const keys = new Set(withoutEffect.flatMap((one) => one.keys))

/** True for a key of Hadoop's that does nothing here. */
export function isWithoutEffect(key: string): boolean {
  return keys.has(key)
}
