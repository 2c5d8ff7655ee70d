/** Everything about a NameNode that can be set; the Hadoop property with the same meaning is named in each comment. */
export interface Settings {
  /** Who may do everything; the owner of a fresh root. Default: the user of this process. */
  readonly superuser: string
  /** dfs.permissions.superusergroup */
  readonly supergroup: string
  /** dfs.permissions.enabled */
  readonly permissions: boolean
  /** dfs.permissions.allow.owner.set.quota: the owner of a directory may limit what is below it */
  readonly ownerMaySetQuota: boolean
  /** dfs.replication */
  readonly replicationDefault: number
  /** dfs.namenode.replication.min */
  readonly replicationMin: number
  /** dfs.replication.max */
  readonly replicationMax: number
  /** dfs.blocksize, bytes */
  readonly blockSizeDefault: number
  /** dfs.namenode.fs-limits.min-block-size, bytes. Java's default is 1 MiB; here none, as embedded tests use small blocks. */
  readonly blockSizeMin: number
  /** dfs.namenode.fs-limits.max-blocks-per-file */
  readonly blocksPerFileMax: number
  /** dfs.namenode.fs-limits.max-component-length, bytes of UTF-8 */
  readonly componentBytesMax: number
  /** dfs.namenode.fs-limits.max-directory-items */
  readonly directoryItemsMax: number
  /** dfs.namenode.fs-limits.max-xattrs-per-inode */
  readonly xattrsPerInodeMax: number
  /** dfs.namenode.fs-limits.max-xattr-size, bytes */
  readonly xattrBytesMax: number
  /** dfs.ls.limit: entries of one getListing answer */
  readonly listingMax: number
  /** dfs.batched.ls.limit: directories of one getBatchedListing call */
  readonly batchedListingMax: number
  /** dfs.namenode.accesstime.precision, milliseconds; 0 = access times are not kept */
  readonly accessTimePrecisionMs: number
  /** dfs.bytes-per-checksum, bytes */
  readonly bytesPerChecksum: number
  /** dfs.checksum.type as ChecksumTypeProto: 0 NULL, 1 CRC32, 2 CRC32C */
  readonly checksumType: number
  /** dfs.client-write-packet-size, bytes */
  readonly writePacketSize: number
  /** fs.trash.interval, minutes */
  readonly trashIntervalMinutes: number
  /** dfs.heartbeat.interval, milliseconds: what dead-node detection reckons with */
  readonly heartbeatIntervalMs: number
  /** dfs.namenode.heartbeat.recheck-interval, milliseconds */
  readonly heartbeatRecheckMs: number
  /** dfs.namenode.stale.datanode.interval, milliseconds */
  readonly staleIntervalMs: number
  /** dfs.namenode.redundancy.interval.seconds, milliseconds */
  readonly redundancyIntervalMs: number
  /** dfs.namenode.reconstruction.pending.timeout-sec, milliseconds */
  readonly transferTimeoutMs: number
  /** dfs.namenode.replication.max-streams: copies one DataNode sends at a time */
  readonly transferStreamsMax: number
  /** dfs.block.invalidate.limit: deletions in one heartbeat's answer */
  readonly invalidateMax: number
  /** Soft limit of a lease, milliseconds: after it another client may take the file over. */
  readonly leaseSoftMs: number
  /** dfs.namenode.lease-hard-limit-sec, milliseconds: after it the NameNode closes the file by itself. */
  readonly leaseHardMs: number
  /** dfs.namenode.lease-recheck-interval-ms */
  readonly leaseRecheckMs: number
  /** dfs.namenode.safemode.threshold-pct */
  readonly safeModeThreshold: number
  /** dfs.namenode.safemode.min.datanodes */
  readonly safeModeDatanodesMin: number
  /** dfs.namenode.safemode.extension, milliseconds. Java's default is 30 s; here none, so that a cluster is up at once. */
  readonly safeModeExtensionMs: number
  /** Release that this NameNode says it is, as DataNodes compare it with their own. */
  readonly softwareVersion: string
}

export const defaultSettings: Settings = {
  superuser: 'root',
  supergroup: 'supergroup',
  permissions: true,
  ownerMaySetQuota: false,
  replicationDefault: 3,
  replicationMin: 1,
  replicationMax: 512,
  blockSizeDefault: 128 * 1024 * 1024,
  blockSizeMin: 0,
  blocksPerFileMax: 10_000,
  componentBytesMax: 255,
  directoryItemsMax: 1024 * 1024,
  xattrsPerInodeMax: 32,
  xattrBytesMax: 16_384,
  listingMax: 1000,
  batchedListingMax: 100,
  accessTimePrecisionMs: 3_600_000,
  bytesPerChecksum: 512,
  checksumType: 2,
  writePacketSize: 65_536,
  trashIntervalMinutes: 0,
  heartbeatIntervalMs: 3000,
  heartbeatRecheckMs: 300_000,
  staleIntervalMs: 30_000,
  redundancyIntervalMs: 3000,
  transferTimeoutMs: 300_000,
  transferStreamsMax: 2,
  invalidateMax: 1000,
  leaseSoftMs: 60_000,
  leaseHardMs: 1_200_000,
  leaseRecheckMs: 2000,
  safeModeThreshold: 0.999,
  safeModeDatanodesMin: 0,
  safeModeExtensionMs: 0,
  softwareVersion: '3.4.3',
}
