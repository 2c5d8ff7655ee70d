/**
 * Attributes that an image packs into words, lowest bits first (`PermissionStatusFormat`, `AclEntryStatusFormat`,
 * `XAttrFormat`; [image.string.2] to [image.string.4]); names are ids of the string table:
 *
 *     permission  u64   mode : 16 | group : 24 | user : 24
 *     ACL entry   u32   permission : 3 | type : 2 | scope : 1 | name : 24 | unused : 2
 *     attribute   u32   unused : 5 | namespace, high bit : 1 | name : 24 | namespace, low bits : 2
 */
import { ProtocolError } from '@cairn/bytes'
import type { EditAclEntry } from '../edits/structures.ts'
import type { StringTable, StringTableBuilder } from './string-table.ts'

const nameMask = 0xff_ffff
const modeMax = 0xffff

/** Owner, group and permission bits of an inode. */
export interface ImagePermission {
  readonly owner: string
  readonly group: string
  readonly mode: number
}

/** Packs owner, group and mode. */
export function packPermission(permission: ImagePermission, table: StringTableBuilder): bigint {
  const { mode } = permission
  if (!Number.isInteger(mode) || mode < 0 || mode > modeMax) {
    throw new ProtocolError(
      'ERR_HSTORAGE_PERMISSION',
      `pack a permission: found mode ${mode}; 0 to ${modeMax} are allowed`,
      {
        side: 'local',
      },
    )
  }
  const user = table.id('user', permission.owner)
  const group = table.id('group', permission.group)
  // Two halves of 32 bits: user:24 + the upper 8 bits of group, then the lower 16 bits of group + mode.
  const high = user * 256 + (group >>> 16)
  const low = (group & 0xffff) * 65536 + mode
  return (BigInt(high) << 32n) | BigInt(low)
}

/** Unpacks owner, group and mode; the ids must be in the table. */
export function unpackPermission(packed: bigint, table: StringTable): ImagePermission {
  const high = Number((packed >> 32n) & 0xffff_ffffn)
  const low = Number(packed & 0xffff_ffffn)
  const group = ((high & 0xff) << 16) | (low >>> 16)
  return {
    owner: table.name('user', high >>> 8) ?? '',
    group: table.name('group', group) ?? '',
    mode: low & modeMax,
  }
}

/** The map an ACL entry's name is of: users and groups have names, mask and other have none ([image.string.3]). */
function aclNameMap(type: number): 'user' | 'group' | undefined {
  return type === 0 ? 'user' : type === 1 ? 'group' : undefined
}

/** Packs one ACL entry. */
export function packAclEntry(entry: EditAclEntry, table: StringTableBuilder): number {
  const map = aclNameMap(entry.type)
  const name = map === undefined ? 0 : table.id(map, entry.name)
  return ((name << 6) | ((entry.scope & 1) << 5) | ((entry.type & 3) << 3) | (entry.permissions & 7)) >>> 0
}

/** Unpacks one ACL entry. */
export function unpackAclEntry(packed: number, table: StringTable): EditAclEntry {
  const type = (packed >>> 3) & 3
  const map = aclNameMap(type)
  const name = map === undefined ? undefined : table.name(map, (packed >>> 6) & nameMask)
  return { type, scope: (packed >>> 5) & 1, permissions: packed & 7, name }
}

/** Packs namespace and name of an extended attribute. */
export function packXAttrName(namespace: number, name: string, table: StringTableBuilder): number {
  return (((namespace & 3) << 30) | (table.id('xattr', name) << 6) | (((namespace >> 2) & 1) << 5)) >>> 0
}

/** Unpacks namespace and name of an extended attribute. */
export function unpackXAttrName(packed: number, table: StringTable): { namespace: number; name: string } {
  return {
    namespace: (packed >>> 30) | (((packed >>> 5) & 1) << 2),
    name: table.name('xattr', (packed >>> 6) & nameMask) ?? '',
  }
}
