/**
 * The namespace's nodes; org.apache.hadoop.hdfs.server.namenode.INode, INodeFile, INodeDirectory, INodeSymlink.
 *
 * A million files must fit a few hundred bytes each, so a node holds only what nearly every node has; the rest
 * lives in `features`, which most nodes do not own. Strings such as owner and group are interned by `Namespace`.
 * Every number is a safe integer: ids and lengths beyond 2^53 are refused where bytes are decoded.
 */
import type { BlockInfo } from '../blocks/block-info.ts'
import type { ChildList } from './child-list.ts'

/** One extended attribute; XAttrProto. `namespace`: 0 USER, 1 TRUSTED, 2 SECURITY, 3 SYSTEM, 4 RAW. */
export interface XAttr {
  readonly namespace: number
  readonly name: string
  readonly value: Uint8Array
}

/** One access control entry; AclEntryProto. `type`: 0 USER, 1 GROUP, 2 MASK, 3 OTHER; `scope`: 0 ACCESS, 1 DEFAULT. */
export interface AclEntry {
  readonly type: number
  readonly scope: number
  /** FsAction: 4 read, 2 write, 1 execute. */
  readonly permissions: number
  readonly name: string | undefined
}

/** Limits set by an administrator on a directory and what is used of them; DirectoryWithQuotaFeature. −1 = no limit. */
export interface Quota {
  namespaceQuota: number
  storageSpaceQuota: number
  /** Limit by StorageTypeProto number, only types that have one. */
  readonly typeQuotas: Map<number, number>
  namespaceUsed: number
  storageSpaceUsed: number
}

/** What few nodes have. */
export interface INodeFeatures {
  xattrs?: readonly XAttr[] | undefined
  acl?: readonly AclEntry[] | undefined
  quota?: Quota | undefined
  /** Storage policy id set on this very node; 0 or absent = inherited. */
  storagePolicyId?: number | undefined
}

/** What every node has; owner, group and mode as in PermissionStatus. */
abstract class INodeBase {
  readonly id: number
  parent: INodeDirectory | undefined = undefined
  /** Last component of the path; '' for the root. */
  name: string
  owner: string
  group: string
  /** Permission bits, 0o0–0o1777. */
  mode: number
  /** Milliseconds since 1970. */
  modificationTime: number
  /** Milliseconds since 1970; 0 for directories. */
  accessTime: number
  features: INodeFeatures | undefined = undefined

  constructor(id: number, name: string, attributes: INodeAttributes) {
    this.id = id
    this.name = name
    this.owner = attributes.owner
    this.group = attributes.group
    this.mode = attributes.mode
    this.modificationTime = attributes.modificationTime
    this.accessTime = attributes.accessTime
  }
}

/** What a new node is made with. */
export interface INodeAttributes {
  readonly owner: string
  readonly group: string
  readonly mode: number
  readonly modificationTime: number
  readonly accessTime: number
}

/** Who may write a file that is open for writing; FileUnderConstructionFeature. */
export interface UnderConstruction {
  clientName: string
  clientMachine: string
}

/** Blocks of a file that has none; shared, never changed. */
export const noBlocks: readonly BlockInfo[] = Object.freeze([])

export class INodeFile extends INodeBase {
  readonly kind = 'file'
  replication: number
  readonly preferredBlockSize: number
  blocks: readonly BlockInfo[] = noBlocks
  /** Present while a client holds the file's lease. */
  underConstruction: UnderConstruction | undefined = undefined

  constructor(
    id: number,
    name: string,
    attributes: INodeAttributes,
    replication: number,
    preferredBlockSize: number,
  ) {
    super(id, name, attributes)
    this.replication = replication
    this.preferredBlockSize = preferredBlockSize
  }

  /** Bytes in all blocks; the last block's share is what the NameNode knows of it while it is written. */
  get length(): number {
    let length = 0
    for (const block of this.blocks) length += block.numBytes
    return length
  }

  get lastBlock(): BlockInfo | undefined {
    return this.blocks[this.blocks.length - 1]
  }
}

export class INodeDirectory extends INodeBase {
  readonly kind = 'directory'
  /** Absent until the first child comes. */
  children: ChildList | undefined = undefined
}

export class INodeSymlink extends INodeBase {
  readonly kind = 'symlink'
  readonly target: string

  constructor(id: number, name: string, attributes: INodeAttributes, target: string) {
    super(id, name, attributes)
    this.target = target
  }
}

export type INode = INodeFile | INodeDirectory | INodeSymlink
