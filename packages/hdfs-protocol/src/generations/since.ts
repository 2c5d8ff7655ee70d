import type { ClientNamenodeProtocol } from '@cairn/hadoop-proto'

/** A method of today's ClientProtocol. */
export type ClientProtocolMethodName = keyof typeof ClientNamenodeProtocol

const release20 = '2.0.0-alpha'

/**
 * The first release whose ClientProtocol has a method, where that is not Hadoop 1 already. Methods of the same feature
 * came together mostly.
 */
export const firstRelease: Readonly<Partial<Record<ClientProtocolMethodName, string>>> = {
  getServerDefaults: release20,
  getAdditionalDatanode: release20,
  rename2: release20,
  restoreFailedStorage: release20,
  listCorruptFileBlocks: release20,
  getFileLinkInfo: release20,
  createSymlink: release20,
  getLinkTarget: release20,
  updateBlockForPipeline: release20,
  updatePipeline: release20,
  rollEdits: '2.0.2-alpha',
  getDataEncryptionKey: '2.0.2-alpha',

  createSnapshot: '2.1.0-beta',
  renameSnapshot: '2.1.0-beta',
  deleteSnapshot: '2.1.0-beta',
  allowSnapshot: '2.1.0-beta',
  disallowSnapshot: '2.1.0-beta',
  getSnapshottableDirListing: '2.1.0-beta',
  getSnapshotDiffReport: '2.1.0-beta',
  isFileClosed: '2.1.0-beta',

  addCacheDirective: '2.3.0',
  modifyCacheDirective: '2.3.0',
  removeCacheDirective: '2.3.0',
  listCacheDirectives: '2.3.0',
  addCachePool: '2.3.0',
  modifyCachePool: '2.3.0',
  removeCachePool: '2.3.0',
  listCachePools: '2.3.0',

  rollingUpgrade: '2.4.0',
  modifyAclEntries: '2.4.0',
  removeAclEntries: '2.4.0',
  removeDefaultAcl: '2.4.0',
  removeAcl: '2.4.0',
  setAcl: '2.4.0',
  getAclStatus: '2.4.0',

  setXAttr: '2.5.0',
  getXAttrs: '2.5.0',
  removeXAttr: '2.5.0',

  listXAttrs: '2.6.0',
  checkAccess: '2.6.0',
  createEncryptionZone: '2.6.0',
  listEncryptionZones: '2.6.0',
  getEZForPath: '2.6.0',
  getCurrentEditLogTxid: '2.6.0',
  getEditsFromTxid: '2.6.0',
  setStoragePolicy: '2.6.0',
  getStoragePolicies: '2.6.0',
  getDatanodeStorageReport: '2.6.0',

  truncate: '2.7.0',
  getStoragePolicy: '2.8.0',
  getQuotaUsage: '2.8.0',
  unsetStoragePolicy: '2.9.0',
  listOpenFiles: '2.9.0',
  msync: '2.10.0',
  getHAServiceState: '2.10.0',

  getFsReplicatedBlockStats: '3.0.0',
  getFsECBlockGroupStats: '3.0.0',
  setErasureCodingPolicy: '3.0.0',
  unsetErasureCodingPolicy: '3.0.0',
  getErasureCodingPolicy: '3.0.0',
  getErasureCodingPolicies: '3.0.0',
  addErasureCodingPolicies: '3.0.0',
  removeErasureCodingPolicy: '3.0.0',
  enableErasureCodingPolicy: '3.0.0',
  disableErasureCodingPolicy: '3.0.0',
  getErasureCodingCodecs: '3.0.0',
  reencryptEncryptionZone: '3.1.0',
  listReencryptionStatus: '3.1.0',
  getSnapshotDiffReportListing: '3.1.0',
  upgradeStatus: '3.2.0',
  getLocatedFileInfo: '3.2.0',
  satisfyStoragePolicy: '3.2.0',
  getBatchedListing: '3.3.0',
  getECTopologyResultForPolicies: '3.3.0',
  getSlowDatanodeReport: '3.3.2',
  getSnapshotListing: '3.4.0',
  getEnclosingRoot: '3.4.0',
}
