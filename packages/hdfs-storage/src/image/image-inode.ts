/**
 * One inode of an image with its names and numbers unpacked, and its way to `INodeSection.INode` and back
 * (`FSImageFormatPBINode`).
 */
import { ProtocolError } from '@cairn/bytes'
import type {
  INodeSection_INode,
  INodeSection_INodeDirectory,
  INodeSection_INodeFile,
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

/** A directory; quotas of -1 mean none. The root always has a namespace quota of 2^63-1. */
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

function features(inode: ImageINodeBase, table: StringTableBuilder) {
  const { acl, xAttrs } = inode
  return {
    permission: packPermission(inode, table),
    modificationTime: BigInt(inode.modificationTime),
    acl: acl === undefined ? undefined : { entries: acl.map((entry) => packAclEntry(entry, table)) },
    xAttrs:
      xAttrs === undefined
        ? undefined
        : {
            xAttrs: xAttrs.map(({ namespace, name, value }) => ({
              name: packXAttrName(namespace, name, table),
              value,
            })),
          },
  }
}

function fileToProto(file: ImageFile, table: StringTableBuilder): INodeSection_INodeFile {
  const striped = file.erasureCodingPolicyId !== undefined
  return {
    ...features(file, table),
    replication: striped ? undefined : file.replication,
    accessTime: BigInt(file.accessTime),
    preferredBlockSize: BigInt(file.preferredBlockSize),
    blocks: file.blocks.map(({ blockId, generationStamp, numBytes }) => ({
      blockId: BigInt.asUintN(64, blockId),
      genStamp: BigInt(generationStamp),
      numBytes: BigInt(numBytes),
    })),
    fileUC: file.underConstruction,
    storagePolicyID: file.storagePolicyId,
    blockType: striped ? 1 : 0,
    erasureCodingPolicyID: file.erasureCodingPolicyId,
  }
}

function directoryToProto(directory: ImageDirectory, table: StringTableBuilder): INodeSection_INodeDirectory {
  const { typeQuotas } = directory
  return {
    ...features(directory, table),
    nsQuota: BigInt.asUintN(64, directory.nsQuota),
    dsQuota: BigInt.asUintN(64, directory.dsQuota),
    typeQuotas: typeQuotas === undefined ? undefined : { quotas: [...typeQuotas] },
  }
}

/** To the message of the INODE section; new names get ids in `table`. */
export function imageINodeToProto(inode: ImageINode, table: StringTableBuilder): INodeSection_INode {
  const common = { type: inodeType[inode.kind], id: BigInt(inode.id), name: encoder.encode(inode.name) }
  switch (inode.kind) {
    case 'file':
      return { ...common, file: fileToProto(inode, table) }
    case 'directory':
      return { ...common, directory: directoryToProto(inode, table) }
    case 'symlink':
      return {
        ...common,
        symlink: {
          permission: packPermission(inode, table),
          target: encoder.encode(inode.target),
          modificationTime: BigInt(inode.modificationTime),
          accessTime: BigInt(inode.accessTime),
        },
      }
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

type ProtoFeatures = Pick<INodeSection_INodeFile, 'permission' | 'modificationTime' | 'acl' | 'xAttrs'>

function commonFromProto(inode: INodeSection_INode, message: ProtoFeatures, table: StringTable) {
  return {
    id: safeNumber(inode.id, 'id'),
    name: utf8Text(inode.name, 'name'),
    ...unpackPermission(message.permission ?? 0n, table),
    modificationTime: safeNumber(message.modificationTime, 'modificationTime'),
    acl: message.acl?.entries.map((entry) => unpackAclEntry(entry, table)),
    xAttrs: message.xAttrs?.xAttrs.map(({ name, value }) => ({
      ...unpackXAttrName(name, table),
      value,
    })),
  }
}

function fileFromProto(
  inode: INodeSection_INode,
  file: INodeSection_INodeFile,
  table: StringTable,
): ImageFile {
  return {
    kind: 'file',
    ...commonFromProto(inode, file, table),
    accessTime: safeNumber(file.accessTime, 'accessTime'),
    replication: file.replication ?? 0,
    preferredBlockSize: safeNumber(file.preferredBlockSize, 'preferredBlockSize'),
    blocks: file.blocks.map((block) => ({
      blockId: BigInt.asIntN(64, block.blockId),
      generationStamp: safeNumber(block.genStamp, 'genStamp'),
      numBytes: safeNumber(block.numBytes, 'numBytes'),
    })),
    underConstruction:
      file.fileUC === undefined
        ? undefined
        : { clientName: file.fileUC.clientName ?? '', clientMachine: file.fileUC.clientMachine ?? '' },
    storagePolicyId: file.storagePolicyID ?? 0,
    erasureCodingPolicyId: file.erasureCodingPolicyID,
  }
}

/** From a message of the INODE section. */
export function imageINodeFromProto(inode: INodeSection_INode, table: StringTable): ImageINode {
  const { file, directory, symlink } = inode
  if (inode.type === inodeType.file && file !== undefined) return fileFromProto(inode, file, table)
  if (inode.type === inodeType.directory && directory !== undefined) {
    return {
      kind: 'directory',
      ...commonFromProto(inode, directory, table),
      nsQuota: BigInt.asIntN(64, directory.nsQuota ?? 0n),
      dsQuota: BigInt.asIntN(64, directory.dsQuota ?? 0n),
      typeQuotas: directory.typeQuotas?.quotas,
    }
  }
  if (inode.type === inodeType.symlink && symlink !== undefined) {
    return {
      kind: 'symlink',
      ...commonFromProto(inode, { ...symlink, acl: undefined, xAttrs: undefined }, table),
      accessTime: safeNumber(symlink.accessTime, 'accessTime'),
      target: utf8Text(symlink.target, 'target'),
    }
  }
  throw new ProtocolError(
    'ERR_HSTORAGE_IMAGE_INODE',
    `read inode ${inode.id}: found type ${inode.type} without its part`,
  )
}
