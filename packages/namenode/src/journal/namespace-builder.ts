import { ProtocolError } from '@cairn/bytes'
import type { INodeDirectorySection_DirEntry } from '@cairn/hadoop-proto/fsimage'
import type { EditXAttr, ImageDirectory, ImageFile, ImageINode } from '@cairn/hdfs-storage'
import { blockFromEdit } from '../namespace/file-blocks.ts'
import {
  type INode,
  type INodeAttributes,
  INodeDirectory,
  type INodeFeatures,
  INodeFile,
  INodeSymlink,
  type Quota,
  type XAttr,
} from '../namespace/inode.ts'
import { type Namespace, rootInodeId } from '../namespace/namespace.ts'
import { usageOf } from '../namespace/quota.ts'
import { rootNamespaceQuota, storagePolicyXAttr } from './image-carry.ts'

function damaged(found: string): ProtocolError {
  return new ProtocolError('ERR_NAMENODE_IMAGE_TREE', `build the namespace: found ${found}`)
}

/** Builds the tree from the inodes of an image and the lists of which child belongs where. */
export class NamespaceBuilder {
  readonly #namespace: Namespace
  readonly #withQuota: INodeDirectory[] = []

  constructor(namespace: Namespace) {
    this.#namespace = namespace
  }

  /** Takes one inode; it hangs nowhere yet. */
  inode(image: ImageINode): void {
    const { inodes } = this.#namespace
    if (image.id === rootInodeId) {
      if (image.kind !== 'directory') throw damaged(`a root that is a ${image.kind}`)
      this.#root(image)
      return
    }
    if (inodes.get(image.id) !== undefined) throw damaged(`inode ${image.id} twice`)
    this.#namespace.admit(this.#make(image))
  }

  /** Hangs the children of one directory into it; an inode may be a child once, the root never ([image.section.6]). */
  directory(entry: INodeDirectorySection_DirEntry): void {
    const parent = this.#find(entry.parent ?? 0n)
    if (parent.kind !== 'directory')
      throw damaged(`children of inode ${entry.parent}, which is a ${parent.kind}`)
    if (entry.refChildren.length > 0) throw damaged(`renamed snapshot references below inode ${entry.parent}`)
    for (const id of entry.children) {
      const child = this.#find(id)
      if (child.id === rootInodeId) throw damaged(`the root below inode ${entry.parent}`)
      if (child.parent !== undefined || child === parent) throw damaged(`inode ${id} in two directories`)
      this.#namespace.link(parent, child)
    }
  }

  /** Gives the lease of one open file back to its writer. */
  fileUnderConstruction(id: bigint): void {
    const file = this.#find(id)
    if (file.kind !== 'file' || file.underConstruction === undefined) {
      throw damaged(`inode ${id} among the open files, but nobody writes it`)
    }
    this.#namespace.leases.add(file.underConstruction.clientName, file, 0)
  }

  /** Checks that every inode hangs somewhere, and adds up what directories with a quota hold. */
  finish(): void {
    for (const inode of this.#namespace.inodes.values()) {
      if (inode.parent === undefined && inode.id !== rootInodeId)
        throw damaged(`inode ${inode.id} in no directory`)
    }
    for (const directory of this.#withQuota) {
      const quota = directory.features?.quota
      if (quota === undefined) continue
      const { names, space } = usageOf(directory)
      quota.namespaceUsed = names
      quota.storageSpaceUsed = space
    }
  }

  #find(id: bigint): INode {
    const inode = this.#namespace.inodes.get(Number(id))
    if (inode === undefined) throw damaged(`inode ${id} in a directory, but not among the inodes`)
    return inode
  }

  #root(image: ImageDirectory): void {
    const { root } = this.#namespace
    root.owner = this.#namespace.intern(image.owner)
    root.group = this.#namespace.intern(image.group)
    root.mode = image.mode
    root.modificationTime = image.modificationTime
    root.features = this.#features(image)
    this.#keepQuota(root, image)
  }

  #make(image: ImageINode): INode {
    const attributes: INodeAttributes = {
      owner: this.#namespace.intern(image.owner),
      group: this.#namespace.intern(image.group),
      mode: image.mode,
      modificationTime: image.modificationTime,
      accessTime: image.kind === 'directory' ? 0 : image.accessTime,
    }
    if (image.kind === 'file') return this.#makeFile(image, attributes)
    if (image.kind === 'symlink') {
      const symlink = new INodeSymlink(image.id, image.name, attributes, image.target)
      symlink.features = this.#features(image)
      return symlink
    }
    const directory = new INodeDirectory(image.id, image.name, attributes)
    directory.features = this.#features(image)
    this.#keepQuota(directory, image)
    return directory
  }

  #makeFile(image: ImageFile, attributes: INodeAttributes): INodeFile {
    if (image.erasureCodingPolicyId !== undefined) {
      throw damaged(`inode ${image.id} striped over several DataNodes, which is not supported`)
    }
    const file = new INodeFile(image.id, image.name, attributes, image.replication, image.preferredBlockSize)
    if (image.underConstruction !== undefined) file.underConstruction = { ...image.underConstruction }
    file.features = this.#features(image)
    // Of an open file only the last block may still grow [image.section.5].
    const last = image.underConstruction === undefined ? -1 : image.blocks.length - 1
    if (image.blocks.length > 0) {
      this.#namespace.setBlocks(
        file,
        image.blocks.map((block, index) => blockFromEdit(block, file, index === last)),
      )
    }
    return file
  }

  #features(image: ImageINode): INodeFeatures | undefined {
    const features: INodeFeatures = {}
    const policy = image.kind === 'file' ? image.storagePolicyId : directoryPolicy(image.xAttrs)
    const xattrs = image.xAttrs?.filter((xattr) => !isStoragePolicy(xattr)).map(toXAttr)
    if (policy > 0) features.storagePolicyId = policy
    if (xattrs !== undefined && xattrs.length > 0) features.xattrs = xattrs
    if (image.acl !== undefined && image.acl.length > 0) {
      features.acl = image.acl.map((entry) => ({ ...entry, name: entry.name }))
    }
    return Object.keys(features).length === 0 ? undefined : features
  }

  #keepQuota(directory: INodeDirectory, image: ImageDirectory): void {
    const nsQuota = image.nsQuota >= rootNamespaceQuota ? -1n : image.nsQuota
    const typeQuotas = image.typeQuotas ?? []
    if (nsQuota < 0n && image.dsQuota < 0n && typeQuotas.length === 0) return
    const quota: Quota = {
      namespaceQuota: Number(nsQuota),
      storageSpaceQuota: Number(image.dsQuota),
      typeQuotas: new Map(typeQuotas.map(({ storageType, quota: limit }) => [storageType, Number(limit)])),
      namespaceUsed: 0,
      storageSpaceUsed: 0,
    }
    directory.features = { ...directory.features, quota }
    this.#namespace.quotaCount++
    this.#withQuota.push(directory)
  }
}

function isStoragePolicy(xattr: EditXAttr): boolean {
  return xattr.namespace === storagePolicyXAttr.namespace && xattr.name === storagePolicyXAttr.name
}

function directoryPolicy(xAttrs: readonly EditXAttr[] | undefined): number {
  return xAttrs?.find(isStoragePolicy)?.value?.[0] ?? 0
}

function toXAttr(xattr: EditXAttr): XAttr {
  return { namespace: xattr.namespace, name: xattr.name, value: xattr.value ?? new Uint8Array(0) }
}
