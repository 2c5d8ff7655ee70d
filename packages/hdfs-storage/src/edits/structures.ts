/** Structures that several operations share, in the byte order of `FSImageSerialization` and `FSEditLogOp`. */
import type { ByteReader, ByteWriter } from '@cairn/bytes'
import { ProtocolError } from '@cairn/bytes'
import {
  concatSourcesMax,
  delegationKeyBytesMax,
  editAclEntriesMax,
  editBlocksMax,
  editOptionsMax,
} from '../limits.ts'
import {
  checkCount,
  type Decoded,
  type Field,
  int8,
  int16,
  int32,
  int64,
  int64Big,
  list,
  record,
  shortBytes,
  text,
  utf8,
  vint,
  vlong,
} from './field.ts'
import { readVLongNumber, writeVLongNumber } from './writable.ts'

/** `org.apache.hadoop.hdfs.protocol.Block`. */
export const block = record({ blockId: int64Big, numBytes: int64, generationStamp: int64 })

/** A block as the edit log names it. `numBytes` is in bytes. */
export type EditBlock = Decoded<{
  blockId: Field<bigint>
  numBytes: Field<number>
  generationStamp: Field<number>
}>

/** An array of blocks, 24 bytes each (`ArrayWritable`); the first form of [edits.op.7]. */
export const blocks: Field<EditBlock[]> = list(block, editBlocksMax, 'blocks')

/** An array of blocks with lengths and generation stamps as differences to the block before; the second form of [edits.op.7]. */
export const compactBlocks: Field<EditBlock[]> = {
  read: (r) => {
    const count = checkCount(readVLongNumber(r), editBlocksMax, 'blocks', r.position)
    const items: EditBlock[] = []
    let numBytes = 0
    let generationStamp = 0
    for (let index = 0; index < count; index++) {
      const blockId = r.i64be()
      numBytes += readVLongNumber(r)
      generationStamp += readVLongNumber(r)
      items.push({ blockId, numBytes, generationStamp })
    }
    return items
  },
  write: (w, items) => {
    writeVLongNumber(w, items.length)
    let numBytes = 0
    let generationStamp = 0
    for (const item of items) {
      w.i64be(item.blockId)
      writeVLongNumber(w, item.numBytes - numBytes)
      writeVLongNumber(w, item.generationStamp - generationStamp)
      numBytes = item.numBytes
      generationStamp = item.generationStamp
    }
  },
}

/** `PermissionStatus`: owner, group and mode bits. The names are `Text`, not the `UTF8` of paths ([edits.op.5]). */
export const permissionStatus = record({ username: text, groupname: text, mode: int16 })

/** Owner, group and mode of a new inode. */
export type EditPermissionStatus = { username: string; groupname: string; mode: number }

/** Which call made the change, for the retry cache: written with every operation that is not idempotent ([edits.op.9]). */
export const rpcIds = { rpcClientId: shortBytes, rpcCallId: int32 }

/** The ids that an operation has which no remote call made (`RpcConstants`). */
export const noRpcIds: { readonly rpcClientId: Uint8Array; readonly rpcCallId: number } = Object.freeze({
  rpcClientId: new Uint8Array(0),
  rpcCallId: -2,
})

/** One ACL entry; numbers as in `AclEntryProto`: type 0 user, 1 group, 2 mask, 3 other; scope 0 access, 1 default. */
export interface EditAclEntry {
  type: number
  scope: number
  /** `FsAction`, 0 to 7. */
  permissions: number
  name?: string | undefined
}

/**
 * One byte `-NSTTPPP` (name follows, scope, type, permission) and the name, per entry of a new inode; a later change of
 * the ACL is protobuf instead ([edits.op.8]).
 */
export const aclEntries: Field<EditAclEntry[]> = list<EditAclEntry>(
  {
    read: (r) => {
      const bits = r.u8()
      const entry = { type: (bits >> 3) & 3, scope: (bits >> 5) & 1, permissions: bits & 7 }
      return bits & 0x40 ? { ...entry, name: utf8.read(r) } : entry
    },
    write: (w, entry) => {
      const named = entry.name !== undefined
      w.u8((named ? 0x40 : 0) | ((entry.scope & 1) << 5) | ((entry.type & 3) << 3) | (entry.permissions & 7))
      if (entry.name !== undefined) utf8.write(w, entry.name)
    },
  },
  editAclEntriesMax,
  'ACL entries',
)

/** Paths that a concat swallows. */
export const concatSources: Field<string[]> = list(utf8, concatSourcesMax, 'concat sources')

/** Rename options as codes: 0 none, 1 overwrite, 2 to trash (`Options.Rename`). */
export const renameOptions: Field<number[]> = list(int8, editOptionsMax, 'rename options')

/** Fields that a bit of a leading word says are there; a bit without a name is refused. */
function flagged<T extends object>(
  what: string,
  members: readonly (readonly [name: keyof T & string, field: Field<never> | Field<unknown>])[],
): Field<Partial<T>> {
  const known = (1 << members.length) - 1
  const fields = members as readonly (readonly [string, Field<unknown>])[]
  return {
    read: (r) => {
      const flags = r.i32be()
      if ((flags & ~known) !== 0) {
        throw new ProtocolError(
          'ERR_HSTORAGE_FLAGS',
          `read ${what}: found flags ${flags}; up to ${known} are known`,
          {
            offset: r.position - 4,
          },
        )
      }
      const value: Record<string, unknown> = {}
      fields.forEach(([name, field], bit) => {
        if (flags & (1 << bit)) value[name] = field.read(r)
      })
      return value as Partial<T>
    },
    write: (w, value) => {
      const source = value as Record<string, unknown>
      w.i32be(fields.reduce((flags, [name], bit) => flags | (source[name] === undefined ? 0 : 1 << bit), 0))
      for (const [name, field] of fields) if (source[name] !== undefined) field.write(w, source[name])
    },
  }
}

/** `CacheDirectiveInfo`; `expiration` is absolute, in milliseconds. */
export interface EditCacheDirective {
  id: number
  path?: string | undefined
  replication?: number | undefined
  pool?: string | undefined
  expiration?: bigint | undefined
}

const directiveMembers = flagged<EditCacheDirective>('a cache directive', [
  ['path', utf8],
  ['replication', int16],
  ['pool', utf8],
  ['expiration', int64Big],
])

/** A cache directive with the members that its flags announce. */
export const cacheDirective: Field<EditCacheDirective> = {
  read: (r) => ({ id: int64.read(r), ...directiveMembers.read(r) }),
  write: (w, value) => {
    int64.write(w, value.id)
    directiveMembers.write(w, value)
  },
}

/** `CachePoolInfo`; `limit` in bytes, `maxRelativeExpiryMs` in milliseconds. */
export interface EditCachePool {
  poolName: string
  ownerName?: string | undefined
  groupName?: string | undefined
  mode?: number | undefined
  limit?: bigint | undefined
  maxRelativeExpiryMs?: bigint | undefined
  defaultReplication?: number | undefined
}

const poolMembers = flagged<EditCachePool>('a cache pool', [
  ['ownerName', utf8],
  ['groupName', utf8],
  ['mode', int16],
  ['limit', int64Big],
  ['maxRelativeExpiryMs', int64Big],
  ['defaultReplication', int16],
])

/** A cache pool with the members that its flags announce. */
export const cachePool: Field<EditCachePool> = {
  read: (r) => ({ poolName: utf8.read(r), ...poolMembers.read(r) }),
  write: (w, value) => {
    utf8.write(w, value.poolName)
    poolMembers.write(w, value)
  },
}

/** `ErasureCodingPolicy` without its id: codec, geometry and options in file order. `cellSize` in bytes. */
export const erasureCodingPolicy = record({
  codecName: utf8,
  numDataUnits: int32,
  numParityUnits: int32,
  cellSize: int32,
  extraOptions: list(record({ key: utf8, value: utf8 }), editOptionsMax, 'erasure coding options'),
})

const delegationTokenVersion: Field<number> = {
  read: (r) => {
    const version = r.u8()
    if (version !== 0) {
      throw new ProtocolError(
        'ERR_HSTORAGE_TOKEN_VERSION',
        `read a delegation token: found version ${version}; 0 is known`,
        {
          offset: r.position - 1,
        },
      )
    }
    return version
  },
  write: (w, value) => w.u8(value),
}

/** `DelegationTokenIdentifier`, its names as `Text` ([edits.op.5]); dates in milliseconds since 1970. */
export const delegationToken = record({
  version: delegationTokenVersion,
  owner: text,
  renewer: text,
  realUser: text,
  issueDate: vlong,
  maxDate: vlong,
  sequenceNumber: vint,
  masterKeyId: vint,
})

/** Key bytes with a variable-length length; -1 = no key. */
const keyBytes: Field<Uint8Array | undefined> = {
  read: (r: ByteReader) => {
    const length = readVLongNumber(r)
    return length === -1
      ? undefined
      : r.copy(checkCount(length, delegationKeyBytesMax, 'key bytes', r.position))
  },
  write: (w: ByteWriter, value) => {
    writeVLongNumber(w, value === undefined ? -1 : value.length)
    if (value !== undefined) w.bytes(value)
  },
}

/** `DelegationKey`, the master key of delegation tokens. */
export const delegationKey = record({ keyId: vint, expiryDate: vlong, key: keyBytes })
