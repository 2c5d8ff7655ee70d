/** From the namespace in memory to the bytes of an image; org.apache.hadoop.hdfs.server.namenode.FSImageFormatProtobuf.Saver. */
import { type EditXAttr, type ImageINode, ImageWriter } from '@cairn/hdfs-storage'
import { blockToEdit } from '../namespace/file-blocks.ts'
import type { INode, INodeDirectory, INodeFile } from '../namespace/inode.ts'
import type { Namespace } from '../namespace/namespace.ts'
import { type ImageCarry, rootNamespaceQuota, storagePolicyXAttr } from './image-carry.ts'

/** A piece is given out when it has this many bytes. */
const pieceBytes = 1 << 18

/**
 * The image of a namespace in pieces. The namespace must not change until the last piece was taken.
 */
export function* imagePieces(namespace: Namespace, txid: number, carry: ImageCarry): Generator<Uint8Array> {
  const writer = new ImageWriter(carry.raw)
  writer.namespaceInfo({
    namespaceId: namespace.identity.namespaceId,
    transactionId: txid,
    generationStamp: namespace.generationStamp,
    lastAllocatedBlockId: BigInt(namespace.lastBlockId),
    lastAllocatedStripedBlockId: carry.lastAllocatedStripedBlockId,
    legacyGenerationStamp: carry.legacyGenerationStamp,
    legacyGenerationStampLimit: carry.legacyGenerationStampLimit,
  })
  writer.beginINodes(namespace.lastInodeId, namespace.inodes.size)
  for (const inode of namespace.inodes.values()) {
    writer.inode(imageINode(inode))
    if (writer.outputBytes >= pieceBytes) yield writer.takeOutput()
  }
  writer.endINodes()
  for (const inode of namespace.inodes.values()) {
    if (inode.kind !== 'directory' || inode.children === undefined) continue
    writer.directory(
      inode.id,
      inode.children.sorted().map((child) => child.id),
    )
    if (writer.outputBytes >= pieceBytes) yield writer.takeOutput()
  }
  writer.endDirectories()
  for (const lease of namespace.leases.values()) {
    for (const file of lease.files) writer.fileUnderConstruction(file.id, pathOf(file))
  }
  writer.finish()
  yield writer.takeOutput()
}

function pathOf(inode: INode): string {
  const names: string[] = []
  for (let node: INode | undefined = inode; node?.parent !== undefined; node = node.parent)
    names.push(node.name)
  return `/${names.reverse().join('/')}`
}

/** One inode as an image names it. */
function imageINode(inode: INode): ImageINode {
  switch (inode.kind) {
    case 'file':
      return imageFile(inode)
    case 'directory':
      return imageDirectory(inode)
    case 'symlink':
      return {
        kind: 'symlink',
        id: inode.id,
        name: inode.name,
        owner: inode.owner,
        group: inode.group,
        mode: inode.mode,
        modificationTime: inode.modificationTime,
        accessTime: inode.accessTime,
        target: inode.target,
      }
  }
}

function imageFile(file: INodeFile): ImageINode {
  return {
    kind: 'file',
    id: file.id,
    name: file.name,
    owner: file.owner,
    group: file.group,
    mode: file.mode,
    modificationTime: file.modificationTime,
    acl: file.features?.acl,
    xAttrs: file.features?.xattrs,
    accessTime: file.accessTime,
    replication: file.replication,
    preferredBlockSize: file.preferredBlockSize,
    blocks: file.blocks.map(blockToEdit),
    underConstruction: file.underConstruction,
    storagePolicyId: file.features?.storagePolicyId ?? 0,
  }
}

function imageDirectory(directory: INodeDirectory): ImageINode {
  const quota = directory.features?.quota
  const namespaceQuota = quota?.namespaceQuota ?? -1
  const isRoot = directory.parent === undefined
  return {
    kind: 'directory',
    id: directory.id,
    name: directory.name,
    owner: directory.owner,
    group: directory.group,
    mode: directory.mode,
    modificationTime: directory.modificationTime,
    acl: directory.features?.acl,
    xAttrs: directoryXAttrs(directory),
    nsQuota: namespaceQuota < 0 && isRoot ? rootNamespaceQuota : BigInt(namespaceQuota),
    dsQuota: BigInt(quota?.storageSpaceQuota ?? -1),
    typeQuotas:
      quota === undefined || quota.typeQuotas.size === 0
        ? undefined
        : [...quota.typeQuotas].map(([storageType, limit]) => ({ storageType, quota: BigInt(limit) })),
  }
}

function directoryXAttrs(directory: INodeDirectory): readonly EditXAttr[] | undefined {
  const policy = directory.features?.storagePolicyId ?? 0
  const xattrs = directory.features?.xattrs
  if (policy === 0) return xattrs
  return [...(xattrs ?? []), { ...storagePolicyXAttr, value: Uint8Array.of(policy) }]
}
