/**
 * Writes an image section by section. Bytes pile up until `takeOutput`: who writes takes them often and has bounded
 * memory, however many inodes there are.
 */
import { ByteWriter } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import {
  CacheManagerSection,
  ErasureCodingSection,
  FilesUnderConstructionSection_FileUnderConstructionEntry,
  INodeDirectorySection_DirEntry,
  INodeSection,
  INodeSection_INode,
  NameSystemSection,
  SecretManagerSection,
  SnapshotSection,
  StringTableSection,
  StringTableSection_Entry,
} from '@cairn/hadoop-proto/fsimage'
import { nameNodeLayoutVersion } from '../edits/segment-decoder.ts'
import { type ImageINode, imageINodeToProto } from './image-inode.ts'
import { StringTableBuilder, stringTableMaskBits } from './string-table.ts'
import { encodeSummary, type ImageSection, type ImageSectionName, imageMagic } from './summary.ts'

/** What the NS_INFO section says: identity and counters after `transactionId` ([image.section.1]). */
export interface ImageNamespaceInfo {
  readonly namespaceId: number
  readonly transactionId: number
  /** Newest generation stamp handed out. */
  readonly generationStamp: number
  readonly lastAllocatedBlockId: bigint
  readonly lastAllocatedStripedBlockId?: bigint | undefined
  /** Stamps up to the limit were given before HDFS had 64-bit block ids; 1000 and 0 in a namespace without such blocks. */
  readonly legacyGenerationStamp?: number | undefined
  readonly legacyGenerationStampLimit?: number | undefined
}

/** Sections that are copied as they are, for features that a NameNode keeps without using them ([image.section.7]). */
export type RawImageSections = Partial<
  Record<'ERASURE_CODING' | 'SNAPSHOT' | 'SECRET_MANAGER' | 'CACHE_MANAGER', Uint8Array>
>

/** Smallest block id that is not reserved, less one (`HdfsConstants`); stamps up to 1000 are reserved. */
const legacyStampReserved = 1000n
/** Ids of striped block groups start here and go up (`HdfsConstants.STRIPED_BLOCK_ID…`). */
const stripedBlockIdFirst = -(2n ** 63n)

/**
 * Order of calls: `namespaceInfo`, `beginINodes`, `inode` for each, `endINodes`, `directory` for each that has
 * children, `endDirectories`, `fileUnderConstruction` for each, `finish`. Section bytes, offsets, string table and
 * summary follow from that.
 */
export class ImageWriter {
  readonly #writer = new ByteWriter(1 << 16)
  readonly #table = new StringTableBuilder()
  readonly #sections: ImageSection[] = []
  readonly #raw: RawImageSections
  #taken = 0
  #sectionStart: number

  constructor(raw: RawImageSections = {}) {
    this.#raw = raw
    this.#writer.bytes(imageMagic)
    this.#sectionStart = imageMagic.length
  }

  /** Bytes that wait for `takeOutput`. */
  get outputBytes(): number {
    return this.#writer.length
  }

  /** Gives the bytes written since the last call. */
  takeOutput(): Uint8Array {
    const output = this.#writer.view().slice()
    this.#writer.clear()
    this.#taken += output.length
    return output
  }

  namespaceInfo(info: ImageNamespaceInfo): void {
    this.#message(NameSystemSection, {
      namespaceId: info.namespaceId >>> 0,
      genstampV1: BigInt(info.legacyGenerationStamp ?? legacyStampReserved),
      genstampV2: BigInt(info.generationStamp),
      genstampV1Limit: BigInt(info.legacyGenerationStampLimit ?? 0),
      lastAllocatedBlockId: BigInt.asUintN(64, info.lastAllocatedBlockId),
      transactionId: BigInt(info.transactionId),
      lastAllocatedStripedBlockId: BigInt.asUintN(
        64,
        info.lastAllocatedStripedBlockId ?? stripedBlockIdFirst,
      ),
    })
    this.#endSection('NS_INFO')
    this.#rawSection('ERASURE_CODING', ErasureCodingSection, { policies: [] })
  }

  beginINodes(lastInodeId: number, numInodes: number): void {
    this.#message(INodeSection, { lastInodeId: BigInt(lastInodeId), numInodes: BigInt(numInodes) })
  }

  inode(inode: ImageINode): void {
    this.#message(INodeSection_INode, imageINodeToProto(inode, this.#table))
  }

  endINodes(): void {
    this.#endSection('INODE')
  }

  /** Children of one directory in the byte order of their names; Java looks them up by binary search ([image.section.4]). */
  directory(parent: number, children: readonly number[]): void {
    if (children.length === 0) return
    this.#message(INodeDirectorySection_DirEntry, {
      parent: BigInt(parent),
      children: children.map(BigInt),
      refChildren: [],
    })
  }

  endDirectories(): void {
    this.#endSection('INODE_DIR')
  }

  fileUnderConstruction(inodeId: number, fullPath: string): void {
    this.#message(FilesUnderConstructionSection_FileUnderConstructionEntry, {
      inodeId: BigInt(inodeId),
      fullPath,
    })
  }

  /** Writes what is left; `takeOutput` then gives the last bytes. */
  finish(): void {
    this.#endSection('FILES_UNDERCONSTRUCTION')
    this.#rawSection('SNAPSHOT', SnapshotSection, {
      snapshotCounter: 0,
      snapshottableDir: [],
      numSnapshots: 0,
    })
    this.#endSection('INODE_REFERENCE')
    this.#rawSection('SECRET_MANAGER', SecretManagerSection, {
      currentId: 0,
      tokenSequenceNumber: 0,
      numKeys: 0,
      numTokens: 0,
    })
    this.#rawSection('CACHE_MANAGER', CacheManagerSection, {
      nextDirectiveId: 1n,
      numPools: 0,
      numDirectives: 0,
    })
    this.#message(StringTableSection, { numEntry: this.#table.size, maskBits: stringTableMaskBits })
    for (const entry of this.#table.entries()) this.#message(StringTableSection_Entry, entry)
    this.#endSection('STRING_TABLE')
    this.#writer.bytes(encodeSummary({ layoutVersion: nameNodeLayoutVersion, sections: this.#sections }))
  }

  #message<T>(codec: MessageCodec<T>, value: T): void {
    codec.encodeDelimited(this.#writer, value)
  }

  #rawSection<T>(name: keyof RawImageSections, codec: MessageCodec<T>, empty: T): void {
    const raw = this.#raw[name]
    if (raw === undefined) this.#message(codec, empty)
    else this.#writer.bytes(raw)
    this.#endSection(name)
  }

  #endSection(name: ImageSectionName): void {
    const end = this.#taken + this.#writer.length
    this.#sections.push({ name, offset: this.#sectionStart, length: end - this.#sectionStart })
    this.#sectionStart = end
  }
}
