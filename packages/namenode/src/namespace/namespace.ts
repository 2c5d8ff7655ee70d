/**
 * The whole namespace in memory: the tree, both id tables, the counters that name new things, and who writes what.
 * org.apache.hadoop.hdfs.server.namenode.FSDirectory, INodeMap, LeaseManager and BlockIdManager in one.
 *
 * Invariant: it changes only in `applyEdit` (and in what the image loader builds), so that the journal replayed is
 * the namespace. What is known only from DataNodes (replicas, lengths of blocks being written) is not part of it.
 */
import type { BlockInfo } from '../blocks/block-info.ts'
import { LeaseTable } from '../leases/lease-table.ts'
import { ChildList } from './child-list.ts'
import { IdTable } from './id-table.ts'
import { type INode, INodeDirectory, type INodeFile } from './inode.ts'

/** Id of the root; INodeId.ROOT_INODE_ID. */
export const rootInodeId = 16385
/** The last id that no block has; BlockIdManager: blocks are numbered from the next one. */
export const lastReservedBlockId = 1073741824
/** GenerationStamp.LAST_RESERVED_STAMP. */
export const lastReservedGenerationStamp = 1000

/** What VERSION says of a namespace; NamespaceInfo. */
export interface NamespaceIdentity {
  readonly namespaceId: number
  readonly clusterId: string
  readonly blockPoolId: string
  /** Creation (or upgrade) time, milliseconds. */
  readonly cTime: number
}

/** Told of block changes that the namespace makes; the block manager listens. */
export interface BlockListener {
  added(block: BlockInfo): void
  /** The block belongs to no file any more: its replicas are garbage. */
  removed(block: BlockInfo): void
  /** The client gave the block its final length; it is COMPLETE as soon as enough replicas are. */
  committed(block: BlockInfo): void
  /** The number of replicas wanted changed. */
  replicationChanged(block: BlockInfo, from: number): void
  /** Length or generation stamp changed, or a complete block is written to again. */
  reopened(block: BlockInfo): void
}

/** With nobody listening (replay of the journal), what was committed counts as complete, as in Java. */
const replayListener: BlockListener = {
  added: () => {},
  removed: () => {},
  committed: (block) => {
    block.state = 'COMPLETE'
    block.underConstruction = undefined
  },
  replicationChanged: () => {},
  reopened: () => {},
}

export class Namespace {
  readonly identity: NamespaceIdentity
  readonly root: INodeDirectory
  readonly inodes = new IdTable<INode>()
  readonly blocks = new IdTable<BlockInfo>()
  readonly leases = new LeaseTable()
  lastInodeId = rootInodeId
  lastBlockId = lastReservedBlockId
  generationStamp = lastReservedGenerationStamp
  /** Directories, the root included. */
  directoryCount = 1
  /** Directories that have a quota; while there are none, usage is not kept. */
  quotaCount = 0
  listener: BlockListener = replayListener
  readonly #strings = new Map<string, string>()

  /** A fresh namespace whose root belongs to `owner`:`supergroup`; the image loader then overwrites the root. */
  constructor(identity: NamespaceIdentity, owner: string, supergroup: string) {
    this.identity = identity
    const attributes = {
      owner: this.intern(owner),
      group: this.intern(supergroup),
      mode: 0o755,
      modificationTime: 0,
      accessTime: 0,
    }
    this.root = new INodeDirectory(rootInodeId, '', attributes)
    this.inodes.set(rootInodeId, this.root)
  }

  /** One shared copy of a user, group or client name. */
  intern(text: string): string {
    const known = this.#strings.get(text)
    if (known !== undefined) return known
    this.#strings.set(text, text)
    return text
  }

  /** Hangs `inode` below `parent` and makes it findable by id; image loader and edits both build the tree with it. */
  link(parent: INodeDirectory, inode: INode): void {
    parent.children ??= new ChildList()
    inode.parent = parent
    parent.children.add(inode)
    if (this.inodes.get(inode.id) !== inode) this.admit(inode)
  }

  /** Makes a new node findable by its id. */
  admit(inode: INode): void {
    this.inodes.set(inode.id, inode)
    if (inode.kind === 'directory') this.directoryCount++
    if (inode.id > this.lastInodeId) this.lastInodeId = inode.id
  }

  /** Takes `inode` out of its directory; it keeps its id (rename), until {@link forget}. */
  unlink(inode: INode): void {
    inode.parent?.children?.remove(inode)
    inode.parent = undefined
  }

  /** Drops the node's id. Its blocks and its children are the caller's matter. */
  forget(inode: INode): void {
    this.inodes.delete(inode.id)
    if (inode.kind === 'directory') this.directoryCount--
  }

  /** Gives `file` this list of blocks, new ones becoming findable by id. */
  setBlocks(file: INodeFile, blocks: readonly BlockInfo[]): void {
    file.blocks = blocks
    for (const block of blocks) {
      block.file = file
      if (this.blocks.get(block.id) === block) continue
      this.blocks.set(block.id, block)
      if (block.id > this.lastBlockId) this.lastBlockId = block.id
      this.listener.added(block)
    }
  }

  /** The block belongs to no file from here on. */
  removeBlock(block: BlockInfo): void {
    this.blocks.delete(block.id)
    this.listener.removed(block)
    block.file = undefined
  }
}
