/** One value of every operation, for the tests of both directions. */
import type { EditOp, EditOpName, EditOpOf } from '../operations.ts'

const rpc = {
  rpcClientId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
  rpcCallId: 7,
}
const permissions = { username: 'alice', groupname: 'staff', mode: 0o1755 }
const block = { blockId: 1073741825n, numBytes: 134217728, generationStamp: 1001 }
const token = {
  version: 0,
  owner: 'alice',
  renewer: 'yarn',
  realUser: '',
  issueDate: 1513298395825n,
  maxDate: 2n ** 63n - 1n,
  sequenceNumber: 3,
  masterKeyId: 200,
}
const file = {
  inodeId: 16386,
  path: '/päth/🎉',
  replication: 3,
  mtime: 1512607197452,
  atime: -1,
  blockSize: 134217728,
  blocks: [block, { blockId: -9223372036854775792n, numBytes: 0, generationStamp: 1002 }],
  permissions,
}
const aclEntries = [
  { type: 0, scope: 0, permissions: 7 },
  { type: 1, scope: 1, permissions: 5, name: 'staff' },
]
const xAttrs = [
  { namespace: 0, name: 'note', value: Uint8Array.of(1, 2) },
  { namespace: 4, name: 'empty', value: undefined },
]
const snapshot = { snapshotRoot: '/s', snapshotName: 's1', mtime: 5, ...rpc }
const ecPolicyName = 'RS-6-3-1024k'

/** By name; the type makes sure that none is missing. */
export const editSamples: { readonly [Name in EditOpName]: EditOpOf<Name> } = {
  OP_ADD: {
    op: 'OP_ADD',
    ...file,
    aclEntries,
    xAttrs,
    clientName: 'DFSClient_1',
    clientMachine: '127.0.0.1',
    overwrite: true,
    storagePolicyId: 7,
    erasureCodingPolicyId: 0,
    ...rpc,
  },
  OP_RENAME_OLD: { op: 'OP_RENAME_OLD', src: '/a', dst: '/b', timestamp: 1, ...rpc },
  OP_DELETE: { op: 'OP_DELETE', path: '/a', timestamp: 1, ...rpc },
  OP_MKDIR: { op: 'OP_MKDIR', inodeId: 16387, path: '/d', timestamp: 9, permissions, aclEntries, xAttrs: [] },
  OP_SET_REPLICATION: { op: 'OP_SET_REPLICATION', path: '/a', replication: 512 },
  OP_SET_PERMISSIONS: { op: 'OP_SET_PERMISSIONS', src: '/a', mode: 0o1777 },
  OP_SET_OWNER: { op: 'OP_SET_OWNER', src: '/a', username: undefined, groupname: 'staff' },
  OP_CLOSE: { op: 'OP_CLOSE', ...file },
  OP_SET_GENSTAMP_V1: { op: 'OP_SET_GENSTAMP_V1', genStampV1: 1000 },
  OP_SET_NS_QUOTA: { op: 'OP_SET_NS_QUOTA', src: '/a', nsQuota: 5n },
  OP_CLEAR_NS_QUOTA: { op: 'OP_CLEAR_NS_QUOTA', src: '/a' },
  OP_TIMES: { op: 'OP_TIMES', path: '/a', mtime: -1, atime: 5 },
  OP_SET_QUOTA: { op: 'OP_SET_QUOTA', src: '/a', nsQuota: 2n ** 63n - 1n, dsQuota: -1n },
  OP_RENAME: { op: 'OP_RENAME', src: '/a', dst: '/b', timestamp: 1, options: [1, 2], ...rpc },
  OP_CONCAT_DELETE: { op: 'OP_CONCAT_DELETE', trg: '/a', srcs: ['/b', '/c'], timestamp: 1, ...rpc },
  OP_SYMLINK: {
    op: 'OP_SYMLINK',
    inodeId: 16390,
    path: '/l',
    value: '/a',
    mtime: 1,
    atime: 2,
    permissionStatus: permissions,
    ...rpc,
  },
  OP_GET_DELEGATION_TOKEN: { op: 'OP_GET_DELEGATION_TOKEN', token, expiryTime: 2n ** 63n - 1n },
  OP_RENEW_DELEGATION_TOKEN: { op: 'OP_RENEW_DELEGATION_TOKEN', token, expiryTime: 3n },
  OP_CANCEL_DELEGATION_TOKEN: { op: 'OP_CANCEL_DELEGATION_TOKEN', token },
  OP_UPDATE_MASTER_KEY: {
    op: 'OP_UPDATE_MASTER_KEY',
    key: { keyId: 2, expiryDate: 1513298395825n, key: Uint8Array.of(0xdd, 0xb3) },
  },
  OP_REASSIGN_LEASE: { op: 'OP_REASSIGN_LEASE', leaseHolder: 'a', path: '/a', newHolder: 'HDFS_NameNode' },
  OP_END_LOG_SEGMENT: { op: 'OP_END_LOG_SEGMENT' },
  OP_START_LOG_SEGMENT: { op: 'OP_START_LOG_SEGMENT' },
  OP_UPDATE_BLOCKS: { op: 'OP_UPDATE_BLOCKS', path: '/a', blocks: file.blocks, ...rpc },
  OP_CREATE_SNAPSHOT: { op: 'OP_CREATE_SNAPSHOT', ...snapshot },
  OP_DELETE_SNAPSHOT: { op: 'OP_DELETE_SNAPSHOT', ...snapshot },
  OP_RENAME_SNAPSHOT: {
    op: 'OP_RENAME_SNAPSHOT',
    snapshotRoot: '/s',
    snapshotOldName: 's1',
    snapshotNewName: 's2',
    mtime: 5,
    ...rpc,
  },
  OP_ALLOW_SNAPSHOT: { op: 'OP_ALLOW_SNAPSHOT', snapshotRoot: '/s' },
  OP_DISALLOW_SNAPSHOT: { op: 'OP_DISALLOW_SNAPSHOT', snapshotRoot: '/s' },
  OP_SET_GENSTAMP_V2: { op: 'OP_SET_GENSTAMP_V2', genStampV2: 1002 },
  OP_ALLOCATE_BLOCK_ID: { op: 'OP_ALLOCATE_BLOCK_ID', blockId: 1073741826n },
  OP_ADD_BLOCK: { op: 'OP_ADD_BLOCK', path: '/a', blocks: [block], ...rpc },
  OP_ADD_CACHE_DIRECTIVE: {
    op: 'OP_ADD_CACHE_DIRECTIVE',
    directive: { id: 1, path: '/a', replication: 2, pool: 'p', expiration: 2305844521820893556n },
    ...rpc,
  },
  OP_REMOVE_CACHE_DIRECTIVE: { op: 'OP_REMOVE_CACHE_DIRECTIVE', id: 1, ...rpc },
  OP_ADD_CACHE_POOL: {
    op: 'OP_ADD_CACHE_POOL',
    info: {
      poolName: 'p',
      ownerName: 'alice',
      groupName: 'staff',
      mode: 0o755,
      limit: 2n ** 63n - 1n,
      maxRelativeExpiryMs: 2305843009213693951n,
      defaultReplication: 1,
    },
    ...rpc,
  },
  OP_MODIFY_CACHE_POOL: { op: 'OP_MODIFY_CACHE_POOL', info: { poolName: 'p', limit: 99n }, ...rpc },
  OP_REMOVE_CACHE_POOL: { op: 'OP_REMOVE_CACHE_POOL', poolName: 'p', ...rpc },
  OP_MODIFY_CACHE_DIRECTIVE: {
    op: 'OP_MODIFY_CACHE_DIRECTIVE',
    directive: { id: 1, replication: 3 },
    ...rpc,
  },
  OP_SET_ACL: { op: 'OP_SET_ACL', acl: { src: '/a', entries: aclEntries } },
  OP_ROLLING_UPGRADE_START: { op: 'OP_ROLLING_UPGRADE_START', time: 5 },
  OP_ROLLING_UPGRADE_FINALIZE: { op: 'OP_ROLLING_UPGRADE_FINALIZE', time: 6 },
  OP_SET_XATTR: { op: 'OP_SET_XATTR', xattr: { src: '/a', xAttrs }, ...rpc },
  OP_REMOVE_XATTR: { op: 'OP_REMOVE_XATTR', xattr: { src: '/a', xAttrs }, ...rpc },
  OP_SET_STORAGE_POLICY: { op: 'OP_SET_STORAGE_POLICY', path: '/a', policyId: 7 },
  OP_TRUNCATE: {
    op: 'OP_TRUNCATE',
    src: '/a',
    clientName: 'c',
    clientMachine: 'm',
    newLength: 2 ** 52,
    timestamp: 1,
    blocks: [],
  },
  OP_APPEND: { op: 'OP_APPEND', path: '/a', clientName: 'c', clientMachine: 'm', newBlock: false, ...rpc },
  OP_SET_QUOTA_BY_STORAGETYPE: { op: 'OP_SET_QUOTA_BY_STORAGETYPE', src: '/a', type: 1, dsQuota: -1n },
  OP_ADD_ERASURE_CODING_POLICY: {
    op: 'OP_ADD_ERASURE_CODING_POLICY',
    ecPolicy: {
      codecName: 'rs',
      numDataUnits: 5,
      numParityUnits: 3,
      cellSize: 2097152,
      extraOptions: [{ key: 'codec', value: 'testRSCodec' }],
    },
    ...rpc,
  },
  OP_ENABLE_ERASURE_CODING_POLICY: { op: 'OP_ENABLE_ERASURE_CODING_POLICY', ecPolicyName, ...rpc },
  OP_DISABLE_ERASURE_CODING_POLICY: { op: 'OP_DISABLE_ERASURE_CODING_POLICY', ecPolicyName, ...rpc },
  OP_REMOVE_ERASURE_CODING_POLICY: { op: 'OP_REMOVE_ERASURE_CODING_POLICY', ecPolicyName, ...rpc },
}

/** All of them, in the order of their names here. */
export const allEditSamples: readonly EditOp[] = Object.values(editSamples)
