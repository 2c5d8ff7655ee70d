/** From an image's bytes to the namespace; org.apache.hadoop.hdfs.server.namenode.FSImageFormatProtobuf.Loader. */
import { ProtocolError } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import {
  FilesUnderConstructionSection_FileUnderConstructionEntry,
  INodeDirectorySection_DirEntry,
  INodeSection,
  INodeSection_INode,
  NameSystemSection,
  SnapshotSection,
  StringTableSection,
  StringTableSection_Entry,
} from '@cairn/hadoop-proto/fsimage'
import {
  decodeSingleMessage,
  decodeSummary,
  decodeSummaryLength,
  type ImageSection,
  ImageSectionDecoder,
  type ImageSectionName,
  imageINodeFromProto,
  imageMagic,
  nameNodeLayoutVersion,
  type RawImageSections,
  StringTable,
  summaryLengthBytes,
} from '@cairn/hdfs-storage'
import type { Namespace } from '../namespace/namespace.ts'
import { emptyImageCarry, type ImageCarry } from './image-carry.ts'
import { NamespaceBuilder } from './namespace-builder.ts'
import { StorageError } from './storage-error.ts'
import { readPieces, type StorageFile, type StorageFileSystem } from './storage-file-system.ts'

/** Sections that are kept whole; they are small wherever they are used at all. */
const rawBytesMax = 256 * 1024 * 1024

/** Loads the image at `path` into a namespace with nothing but a root; returns what it holds beside it. */
export async function loadImage(
  fileSystem: StorageFileSystem,
  path: string,
  namespace: Namespace,
): Promise<ImageCarry> {
  const size = (await fileSystem.size(path)) ?? 0
  const file = await fileSystem.open(path, 'read')
  try {
    return await new ImageLoad(path, file, size, namespace).run()
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new StorageError(
      'ERR_NAMENODE_IMAGE',
      `load ${path}: found bytes that its digest confirms but that are no image this release can read (${cause.message})`,
      cause,
    )
  } finally {
    await file.close()
  }
}

class ImageLoad {
  readonly #path: string
  readonly #file: StorageFile
  readonly #size: number
  readonly #namespace: Namespace
  readonly #builder: NamespaceBuilder
  #table = new StringTable(0)

  constructor(path: string, file: StorageFile, size: number, namespace: Namespace) {
    this.#path = path
    this.#file = file
    this.#size = size
    this.#namespace = namespace
    this.#builder = new NamespaceBuilder(namespace)
  }

  async run(): Promise<ImageCarry> {
    const sections = await this.#readSummary()
    const raw: { -readonly [Name in keyof RawImageSections]: RawImageSections[Name] } = {}
    let carry: ImageCarry = emptyImageCarry
    for (const section of sections) {
      const { name } = section
      if (name === 'NS_INFO') carry = this.#namespaceInfo(await this.#bytes(section))
      else if (name === 'STRING_TABLE') await this.#stringTable(section)
      else if (name === 'SECRET_MANAGER' || name === 'CACHE_MANAGER' || name === 'ERASURE_CODING') {
        raw[name] = await this.#bytes(section)
      } else if (name === 'SNAPSHOT') raw.SNAPSHOT = this.#checkNoSnapshots(await this.#bytes(section))
      else if (name === 'INODE') await this.#inodes(section)
      else if (name === 'INODE_DIR') {
        await this.#messages(section, INodeDirectorySection_DirEntry, (entry) =>
          this.#builder.directory(entry),
        )
      } else if (name === 'FILES_UNDERCONSTRUCTION') {
        const codec = FilesUnderConstructionSection_FileUnderConstructionEntry
        await this.#messages(section, codec, ({ inodeId }) =>
          this.#builder.fileUnderConstruction(inodeId ?? 0n),
        )
      } else if (section.length > 0) throw this.#unsupported(name)
    }
    this.#builder.finish()
    return { ...carry, raw }
  }

  async #readSummary(): Promise<readonly ImageSection[]> {
    const magic = await this.#range(0, imageMagic.length)
    if (!imageMagic.every((byte, index) => byte === magic[index])) {
      throw new StorageError('ERR_NAMENODE_IMAGE', `load ${this.#path}: found no HDFSIMG1 at its start`)
    }
    const lastBytes = await this.#range(this.#size - summaryLengthBytes, summaryLengthBytes)
    const length = decodeSummaryLength(lastBytes, this.#size)
    const offset = this.#size - summaryLengthBytes - length
    const { sections, layoutVersion } = decodeSummary(await this.#range(offset, length), offset)
    if (layoutVersion !== nameNodeLayoutVersion) {
      throw new StorageError(
        'ERR_NAMENODE_IMAGE',
        `load ${this.#path}: found layout version ${layoutVersion}; ${nameNodeLayoutVersion} can be read`,
      )
    }
    return sections
  }

  #namespaceInfo(bytes: Uint8Array): ImageCarry {
    const info = decodeSingleMessage(NameSystemSection, bytes)
    const namespace = this.#namespace
    if ((info.namespaceId ?? 0) >>> 0 !== namespace.identity.namespaceId >>> 0) {
      throw new StorageError(
        'ERR_NAMENODE_IMAGE',
        `load ${this.#path}: found an image of namespace ${info.namespaceId}; VERSION says ${namespace.identity.namespaceId}`,
      )
    }
    namespace.generationStamp = Number(info.genstampV2 ?? 0n)
    namespace.lastBlockId = Number(info.lastAllocatedBlockId ?? 0n)
    return {
      raw: {},
      legacyGenerationStamp: Number(info.genstampV1 ?? 0n),
      legacyGenerationStampLimit: Number(info.genstampV1Limit ?? 0n),
      lastAllocatedStripedBlockId:
        info.lastAllocatedStripedBlockId === undefined
          ? undefined
          : BigInt.asIntN(64, info.lastAllocatedStripedBlockId),
    }
  }

  async #stringTable(section: ImageSection): Promise<void> {
    let seenHeader = false
    const decoder = new ImageSectionDecoder(section.name)
    for await (const piece of this.#pieces(section)) {
      decoder.push(piece)
      if (!seenHeader) {
        const header = decoder.next(StringTableSection)
        if (header === undefined) continue
        this.#table = new StringTable(header.maskBits ?? 0)
        seenHeader = true
      }
      for (
        let row = decoder.next(StringTableSection_Entry);
        row !== undefined;
        row = decoder.next(StringTableSection_Entry)
      ) {
        this.#table.add({ id: row.id ?? 0, str: row.str ?? '' })
      }
    }
    decoder.end()
  }

  async #inodes(section: ImageSection): Promise<void> {
    let seenHeader = false
    const decoder = new ImageSectionDecoder(section.name)
    for await (const piece of this.#pieces(section)) {
      decoder.push(piece)
      if (!seenHeader) {
        const header = decoder.next(INodeSection)
        if (header === undefined) continue
        this.#namespace.lastInodeId = Number(header.lastInodeId ?? 0n)
        seenHeader = true
      }
      for (
        let inode = decoder.next(INodeSection_INode);
        inode !== undefined;
        inode = decoder.next(INodeSection_INode)
      ) {
        this.#builder.inode(imageINodeFromProto(inode, this.#table))
      }
    }
    decoder.end()
  }

  async #messages<T>(
    section: ImageSection,
    codec: MessageCodec<T>,
    take: (message: T) => void,
  ): Promise<void> {
    const decoder = new ImageSectionDecoder(section.name)
    for await (const piece of this.#pieces(section)) {
      decoder.push(piece)
      for (let message = decoder.next(codec); message !== undefined; message = decoder.next(codec))
        take(message)
    }
    decoder.end()
  }

  #checkNoSnapshots(bytes: Uint8Array): Uint8Array {
    const { numSnapshots } = decodeSingleMessage(SnapshotSection, bytes)
    if ((numSnapshots ?? 0) > 0) throw this.#unsupported('SNAPSHOT')
    return bytes
  }

  #unsupported(section: ImageSectionName): StorageError {
    return new StorageError(
      'ERR_NAMENODE_IMAGE',
      `load ${this.#path}: found a ${section} section that is not empty; snapshots are not supported, so delete them with the release that made them first`,
    )
  }

  #pieces(section: ImageSection): AsyncGenerator<Uint8Array> {
    return readPieces(this.#file, section.offset, section.offset + section.length)
  }

  async #bytes(section: ImageSection): Promise<Uint8Array> {
    return this.#range(section.offset, section.length)
  }

  async #range(offset: number, length: number): Promise<Uint8Array> {
    if (length > rawBytesMax || offset < 0) {
      throw new StorageError(
        'ERR_NAMENODE_IMAGE',
        `load ${this.#path}: found a part of ${length} bytes at ${offset}`,
      )
    }
    const bytes = new Uint8Array(length)
    let filled = 0
    for await (const piece of readPieces(this.#file, offset, offset + length)) {
      bytes.set(piece, filled)
      filled += piece.length
    }
    if (filled < length) {
      throw new StorageError(
        'ERR_NAMENODE_IMAGE',
        `load ${this.#path}: found its end ${length - filled} bytes early`,
      )
    }
    return bytes
  }
}
