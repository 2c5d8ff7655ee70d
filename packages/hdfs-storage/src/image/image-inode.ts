/**
 * One inode of an image with its names and numbers unpacked, and its way to `INodeSection.INode` and back
 * (`FSImageFormatPBINode`).
 */
import { ProtocolError } from '@cairn/bytes'
import type {
  INodeSection_INode,
  INodeSection_INodeDirectory,
  INodeSection_INodeFile,
  INodeSection_INodeSymlink,
  INodeSection_XAttrFeatureProto,
} from '@cairn/hadoop-proto/fsimage'
import type { EditXAttr } from '../edits/proto-fields.ts'
import type { EditAclEntry, EditBlock } from '../edits/structures.ts'
import {
  type ImagePermission,
  packAclEntry,
  packPermission,
  packXAttrName,
  unpackAclEntry,
  unpackPermission,
  unpackXAttrName,
} from './packed-fields.ts'
import type { StringTable, StringTableBuilder } from './string-table.ts'

const inodeType = { file: 1, directory: 2, symlink: 3 } as const

interface ImageINodeBase extends ImagePermission {
  readonly id: number
  /** Last component of the path; empty for the root. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly modificationTime: number
  readonly acl?: readonly EditAclEntry[] | undefined
  readonly xAttrs?: readonly EditXAttr[] | undefined
}

/** A file; `accessTime` in milliseconds since 1970, `preferredBlockSize` in bytes. */
export interface ImageFile extends ImageINodeBase {
  readonly kind: 'file'
  readonly accessTime: number
  /** 0 for striped files, whose `erasureCodingPolicyId` counts instead. */
  readonly replication: number
  readonly preferredBlockSize: number
  readonly blocks: readonly EditBlock[]
  /** Present while a client holds the lease. */
  readonly underConstruction?: { readonly clientName: string; readonly clientMachine: string } | undefined
  /** 0 = inherited. */
  readonly storagePolicyId: number
  /** Present for striped files only. */
  readonly erasureCodingPolicyId?: number | undefined
}

/** A directory; quotas of -1 mean none and are 2^64-1 on disk. A root without a quota has 2^63-1 names ([image.section.2]). */
export interface ImageDirectory extends ImageINodeBase {
  readonly kind: 'directory'
  readonly nsQuota: bigint
  readonly dsQuota: bigint
  /** `StorageTypeProto` number and quota in bytes. */
  readonly typeQuotas?: readonly { readonly storageType: number; readonly quota: bigint }[] | undefined
}

/** A symbolic link. */
export interface ImageSymlink extends ImageINodeBase {
  readonly kind: 'symlink'
  readonly accessTime: number
  readonly target: string
}

/** Any inode of an image. */
export type ImageINode = ImageFile | ImageDirectory | ImageSymlink

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function aclToProto(acl: readonly EditAclEntry[] | undefined, table: StringTableBuilder) {
  return acl === undefined ? undefined : { entries: acl.map((entry) => packAclEntry(entry, table)) }
}

function xAttrsToProto(xAttrs: readonly EditXAttr[] | undefined, table: StringTableBuilder) {
  if (xAttrs === undefined) return undefined
  return {
    xAttrs: xAttrs.map(({ namespace, name, value }) => ({
      name: packXAttrName(namespace, name, table),
      value,
    })),
  }
}

function blockToProto({ blockId, generationStamp, numBytes }: EditBlock) {
  return {
    blockId: BigInt.asUintN(64, blockId),
    genStamp: BigInt(generationStamp),
    numBytes: BigInt(numBytes),
  }
}

/** Every field is named in its order: a million objects of one shape are quick to make, spread ones are not. */
function fileToProto(file: ImageFile, table: StringTableBuilder): INodeSection_INodeFile {
  const striped = file.erasureCodingPolicyId !== undefined
  return {
    replication: striped ? undefined : file.replication,
    modificationTime: BigInt(file.modificationTime),
    accessTime: BigInt(file.accessTime),
    preferredBlockSize: BigInt(file.preferredBlockSize),
    permission: packPermission(file, table),
    blocks: file.blocks.map(blockToProto),
    fileUC: file.underConstruction,
    acl: aclToProto(file.acl, table),
    xAttrs: xAttrsToProto(file.xAttrs, table),
    storagePolicyID: file.storagePolicyId,
    blockType: striped ? 1 : 0,
    erasureCodingPolicyID: file.erasureCodingPolicyId,
  }
}

function directoryToProto(directory: ImageDirectory, table: StringTableBuilder): INodeSection_INodeDirectory {
  const { typeQuotas } = directory
  return {
    modificationTime: BigInt(directory.modificationTime),
    nsQuota: BigInt.asUintN(64, directory.nsQuota),
    dsQuota: BigInt.asUintN(64, directory.dsQuota),
    permission: packPermission(directory, table),
    acl: aclToProto(directory.acl, table),
    xAttrs: xAttrsToProto(directory.xAttrs, table),
    typeQuotas: typeQuotas === undefined ? undefined : { quotas: [...typeQuotas] },
  }
}

function symlinkToProto(symlink: ImageSymlink, table: StringTableBuilder): INodeSection_INodeSymlink {
  return {
    permission: packPermission(symlink, table),
    target: encoder.encode(symlink.target),
    modificationTime: BigInt(symlink.modificationTime),
    accessTime: BigInt(symlink.accessTime),
  }
}

/** To the message of the INODE section; new names get ids in `table`. */
export function imageINodeToProto(inode: ImageINode, table: StringTableBuilder): INodeSection_INode {
  return {
    type: inodeType[inode.kind],
    id: BigInt(inode.id),
    name: encoder.encode(inode.name),
    file: inode.kind === 'file' ? fileToProto(inode, table) : undefined,
    directory: inode.kind === 'directory' ? directoryToProto(inode, table) : undefined,
    symlink: inode.kind === 'symlink' ? symlinkToProto(inode, table) : undefined,
  }
}

function safeNumber(value: bigint | undefined, field: string): number {
  const number = Number(value ?? 0n)
  if (!Number.isSafeInteger(number)) {
    throw new ProtocolError('ERR_HSTORAGE_INTEGER', `read ${field} of an inode: found ${value}, too large`, {
      path: field,
    })
  }
  return number
}

function utf8Text(bytes: Uint8Array | undefined, field: string): string {
  if (bytes === undefined || bytes.length === 0) return ''
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new ProtocolError(
      'ERR_HSTORAGE_TEXT',
      `read ${field} of an inode: found bytes that are not UTF-8`,
      {
        path: field,
        cause,
      },
    )
  }
}

function aclFromProto(
  acl: { entries: number[] } | undefined,
  table: StringTable,
): EditAclEntry[] | undefined {
  return acl?.entries.map((entry) => unpackAclEntry(entry, table))
}

function xAttrsFromProto(
  xAttrs: INodeSection_XAttrFeatureProto | undefined,
  table: StringTable,
): EditXAttr[] | undefined {
  return xAttrs?.xAttrs.map(({ name, value }) => ({ ...unpackXAttrName(name, table), value }))
}

function blockFromProto(block: {
  blockId: bigint
  genStamp: bigint
  numBytes?: bigint | undefined
}): EditBlock {
  return {
    blockId: BigInt.asIntN(64, block.blockId),
    generationStamp: safeNumber(block.genStamp, 'genStamp'),
    numBytes: safeNumber(block.numBytes, 'numBytes'),
  }
}

function fileFromProto(
  inode: INodeSection_INode,
  file: INodeSection_INodeFile,
  table: StringTable,
): ImageFile {
  const { owner, group, mode } = unpackPermission(file.permission ?? 0n, table)
  const { fileUC } = file
  return {
    kind: 'file',
    id: safeNumber(inode.id, 'id'),
    name: utf8Text(inode.name, 'name'),
    owner,
    group,
    mode,
    modificationTime: safeNumber(file.modificationTime, 'modificationTime'),
    acl: aclFromProto(file.acl, table),
    xAttrs: xAttrsFromProto(file.xAttrs, table),
    accessTime: safeNumber(file.accessTime, 'accessTime'),
    replication: file.replication ?? 0,
    preferredBlockSize: safeNumber(file.preferredBlockSize, 'preferredBlockSize'),
    blocks: file.blocks.map(blockFromProto),
    underConstruction:
      fileUC === undefined
        ? undefined
        : { clientName: fileUC.clientName ?? '', clientMachine: fileUC.clientMachine ?? '' },
    storagePolicyId: file.storagePolicyID ?? 0,
    erasureCodingPolicyId: file.erasureCodingPolicyID,
  }
}

function directoryFromProto(
  inode: INodeSection_INode,
  directory: INodeSection_INodeDirectory,
  table: StringTable,
): ImageDirectory {
  return {
    kind: 'directory',
    id: safeNumber(inode.id, 'id'),
    name: utf8Text(inode.name, 'name'),
    ...unpackPermission(directory.permission ?? 0n, table),
    modificationTime: safeNumber(directory.modificationTime, 'modificationTime'),
    acl: aclFromProto(directory.acl, table),
    xAttrs: xAttrsFromProto(directory.xAttrs, table),
    nsQuota: BigInt.asIntN(64, directory.nsQuota ?? 0n),
    dsQuota: BigInt.asIntN(64, directory.dsQuota ?? 0n),
    typeQuotas: directory.typeQuotas?.quotas,
  }
}

function symlinkFromProto(
  inode: INodeSection_INode,
  symlink: INodeSection_INodeSymlink,
  table: StringTable,
): ImageSymlink {
  return {
    kind: 'symlink',
    id: safeNumber(inode.id, 'id'),
    name: utf8Text(inode.name, 'name'),
    ...unpackPermission(symlink.permission ?? 0n, table),
    modificationTime: safeNumber(symlink.modificationTime, 'modificationTime'),
    accessTime: safeNumber(symlink.accessTime, 'accessTime'),
    target: utf8Text(symlink.target, 'target'),
  }
}

/** From a message of the INODE section. */
export function imageINodeFromProto(inode: INodeSection_INode, table: StringTable): ImageINode {
  const { type, file, directory, symlink } = inode
  if (type === inodeType.file && file !== undefined) return fileFromProto(inode, file, table)
  if (type === inodeType.directory && directory !== undefined)
    return directoryFromProto(inode, directory, table)
  if (type === inodeType.symlink && symlink !== undefined) return symlinkFromProto(inode, symlink, table)
  throw new ProtocolError(
    'ERR_HSTORAGE_IMAGE_INODE',
    `read inode ${inode.id}: found type ${inode.type} without its part`,
  )
}
