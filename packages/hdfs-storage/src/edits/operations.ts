/**
 * Every operation of the edit log at layout version -67: opcode and body, in the names of Java's `FSEditLogOpCodes`
 * and `FSEditLogOp`. Opcodes 5 and 6 are dead, 53 and up unknown, -1 (`OP_INVALID`) is padding and no operation.
 * Rules: docs/protocols/edit-log.md.
 */
import {
  boolean,
  type Decoded,
  type Field,
  int8,
  int16,
  int32,
  int64,
  int64Big,
  twice,
  utf8,
  utf8OrAbsent,
} from './field.ts'
import { aclEditLog, xAttrs, xAttrsOfPath } from './proto-fields.ts'
import {
  aclEntries,
  blocks,
  cacheDirective,
  cachePool,
  compactBlocks,
  concatSources,
  delegationKey,
  delegationToken,
  erasureCodingPolicy,
  permissionStatus,
  renameOptions,
  rpcIds,
} from './structures.ts'

interface Operation<Table> {
  readonly opcode: number
  readonly fields: Table
}

function op<Table extends { readonly [Name in keyof Table]: Field<never> | Field<unknown> }>(
  opcode: number,
  fields: Table,
): Operation<Table> {
  return { opcode, fields }
}

/** What an open and a closed file have in common; times in milliseconds since 1970, sizes in bytes. */
const file = {
  inodeId: int64,
  path: utf8,
  replication: int16,
  mtime: int64,
  atime: int64,
  blockSize: int64,
  blocks,
  permissions: permissionStatus,
}
const snapshot = { snapshotRoot: utf8, snapshotName: utf8, mtime: int64, ...rpcIds }
const policyName = { ecPolicyName: utf8, ...rpcIds }

/** Operation name to opcode and fields in wire order. */
export const operations = {
  /** A file was created, or opened again by an old release. */
  OP_ADD: op(0, {
    ...file,
    aclEntries,
    xAttrs,
    clientName: utf8,
    clientMachine: utf8,
    overwrite: boolean,
    storagePolicyId: int8,
    erasureCodingPolicyId: int8,
    ...rpcIds,
  }),
  /** Rename without options. */
  OP_RENAME_OLD: op(1, { src: utf8, dst: utf8, timestamp: int64, ...rpcIds }),
  OP_DELETE: op(2, { path: utf8, timestamp: int64, ...rpcIds }),
  /** The parents that were missing have an operation each, before this one. */
  OP_MKDIR: op(3, {
    inodeId: int64,
    path: utf8,
    timestamp: twice(int64),
    permissions: permissionStatus,
    aclEntries,
    xAttrs,
  }),
  OP_SET_REPLICATION: op(4, { path: utf8, replication: int16 }),
  OP_SET_PERMISSIONS: op(7, { src: utf8, mode: int16 }),
  /** An absent name leaves that one as it was. */
  OP_SET_OWNER: op(8, { src: utf8, username: utf8OrAbsent, groupname: utf8OrAbsent }),
  /** A file was completed; `blocks` are final. */
  OP_CLOSE: op(9, file),
  OP_SET_GENSTAMP_V1: op(10, { genStampV1: int64 }),
  OP_SET_NS_QUOTA: op(11, { src: utf8, nsQuota: int64Big }),
  OP_CLEAR_NS_QUOTA: op(12, { src: utf8 }),
  /** -1 leaves a time as it was. */
  OP_TIMES: op(13, { path: utf8, mtime: int64, atime: int64 }),
  OP_SET_QUOTA: op(14, { src: utf8, nsQuota: int64Big, dsQuota: int64Big }),
  /** Rename with options. */
  OP_RENAME: op(15, { src: utf8, dst: utf8, timestamp: int64, options: renameOptions, ...rpcIds }),
  OP_CONCAT_DELETE: op(16, { trg: utf8, srcs: concatSources, timestamp: int64, ...rpcIds }),
  OP_SYMLINK: op(17, {
    inodeId: int64,
    path: utf8,
    value: utf8,
    mtime: int64,
    atime: int64,
    permissionStatus,
    ...rpcIds,
  }),
  OP_GET_DELEGATION_TOKEN: op(18, { token: delegationToken, expiryTime: int64Big }),
  OP_RENEW_DELEGATION_TOKEN: op(19, { token: delegationToken, expiryTime: int64Big }),
  OP_CANCEL_DELEGATION_TOKEN: op(20, { token: delegationToken }),
  OP_UPDATE_MASTER_KEY: op(21, { key: delegationKey }),
  OP_REASSIGN_LEASE: op(22, { leaseHolder: utf8, path: utf8, newHolder: utf8 }),
  /** Last operation of a finished segment. */
  OP_END_LOG_SEGMENT: op(23, {}),
  /** First operation of every segment. */
  OP_START_LOG_SEGMENT: op(24, {}),
  /** All blocks of a file, after a block was abandoned, changed by recovery or synchronised. */
  OP_UPDATE_BLOCKS: op(25, { path: utf8, blocks: compactBlocks, ...rpcIds }),
  OP_CREATE_SNAPSHOT: op(26, snapshot),
  OP_DELETE_SNAPSHOT: op(27, snapshot),
  OP_RENAME_SNAPSHOT: op(28, {
    snapshotRoot: utf8,
    snapshotOldName: utf8,
    snapshotNewName: utf8,
    mtime: int64,
    ...rpcIds,
  }),
  OP_ALLOW_SNAPSHOT: op(29, { snapshotRoot: utf8 }),
  OP_DISALLOW_SNAPSHOT: op(30, { snapshotRoot: utf8 }),
  OP_SET_GENSTAMP_V2: op(31, { genStampV2: int64 }),
  OP_ALLOCATE_BLOCK_ID: op(32, { blockId: int64Big }),
  /** The new last block, with the one before it (whose length is now final) in front where there is one. */
  OP_ADD_BLOCK: op(33, { path: utf8, blocks: compactBlocks, ...rpcIds }),
  OP_ADD_CACHE_DIRECTIVE: op(34, { directive: cacheDirective, ...rpcIds }),
  OP_REMOVE_CACHE_DIRECTIVE: op(35, { id: int64, ...rpcIds }),
  OP_ADD_CACHE_POOL: op(36, { info: cachePool, ...rpcIds }),
  OP_MODIFY_CACHE_POOL: op(37, { info: cachePool, ...rpcIds }),
  OP_REMOVE_CACHE_POOL: op(38, { poolName: utf8, ...rpcIds }),
  OP_MODIFY_CACHE_DIRECTIVE: op(39, { directive: cacheDirective, ...rpcIds }),
  OP_SET_ACL: op(40, { acl: aclEditLog }),
  OP_ROLLING_UPGRADE_START: op(41, { time: int64 }),
  OP_ROLLING_UPGRADE_FINALIZE: op(42, { time: int64 }),
  OP_SET_XATTR: op(43, { xattr: xAttrsOfPath, ...rpcIds }),
  OP_REMOVE_XATTR: op(44, { xattr: xAttrsOfPath, ...rpcIds }),
  OP_SET_STORAGE_POLICY: op(45, { path: utf8, policyId: int8 }),
  /** `blocks` holds the block that is being cut, or nothing when the new end is a block boundary. */
  OP_TRUNCATE: op(46, {
    src: utf8,
    clientName: utf8,
    clientMachine: utf8,
    newLength: int64,
    timestamp: int64,
    blocks: compactBlocks,
  }),
  OP_APPEND: op(47, { path: utf8, clientName: utf8, clientMachine: utf8, newBlock: boolean, ...rpcIds }),
  /** `type` is the ordinal of Java's `StorageType`: 0 RAM_DISK, 1 SSD, 2 DISK, 3 ARCHIVE, 4 PROVIDED, 5 NVDIMM. */
  OP_SET_QUOTA_BY_STORAGETYPE: op(48, { src: utf8, type: int32, dsQuota: int64Big }),
  OP_ADD_ERASURE_CODING_POLICY: op(49, { ecPolicy: erasureCodingPolicy, ...rpcIds }),
  OP_ENABLE_ERASURE_CODING_POLICY: op(50, policyName),
  OP_DISABLE_ERASURE_CODING_POLICY: op(51, policyName),
  OP_REMOVE_ERASURE_CODING_POLICY: op(52, policyName),
} as const

type Operations = typeof operations

/** Name of an operation, as in Java's `FSEditLogOpCodes`. */
export type EditOpName = keyof Operations

/** One operation by name: `EditOpOf<'OP_MKDIR'>`. */
export type EditOpOf<Name extends EditOpName> = { op: Name } & Decoded<Operations[Name]['fields']>

/**
 * One change of the namespace, tagged by `op`. The transaction id is not part of it: the journal gives it, and a
 * reader returns it beside the operation.
 */
export type EditOp = { [Name in EditOpName]: EditOpOf<Name> }[EditOpName]
