/** Whole images in memory, for the tests. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { concatBytes } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import {
  FilesUnderConstructionSection_FileUnderConstructionEntry,
  INodeDirectorySection_DirEntry,
  INodeSection,
  INodeSection_INode,
  NameSystemSection,
  StringTableSection,
  StringTableSection_Entry,
} from '@cairn/hadoop-proto/fsimage'
import { type ImageINode, imageINodeFromProto } from '../image-inode.ts'
import { ImageWriter, type RawImageSections } from '../image-writer.ts'
import { decodeSingleMessage, ImageSectionDecoder } from '../section-decoder.ts'
import { StringTable } from '../string-table.ts'
import { decodeSummary, decodeSummaryLength, type ImageSummary } from '../summary.ts'

/** Saved by a NameNode of Apache Hadoop 3.4.3 that had files, ACLs, attributes, quotas and storage policies. */
export const javaImage = new Uint8Array(
  readFileSync(new URL('../../../test-data/fsimage_0000000000000000050', import.meta.url)),
)

/** Where the sections of an image are. */
export function summaryOf(image: Uint8Array): ImageSummary {
  const length = decodeSummaryLength(image.subarray(-4), image.length)
  const offset = image.length - 4 - length
  return decodeSummary(image.subarray(offset, offset + length), offset)
}

/** The bytes of one section. */
export function sectionOf(image: Uint8Array, name: string): Uint8Array {
  const section = summaryOf(image).sections.find((candidate) => candidate.name === name)
  assert.ok(section !== undefined, name)
  return image.subarray(section.offset, section.offset + section.length)
}

/** All messages that are left in a decoder. */
export function messages<T>(decoder: ImageSectionDecoder, codec: MessageCodec<T>): T[] {
  const all: T[] = []
  for (let message = decoder.next(codec); message !== undefined; message = decoder.next(codec))
    all.push(message)
  return all
}

/** A decoder that has a whole section. */
export function opened(image: Uint8Array, name: string): ImageSectionDecoder {
  const decoder = new ImageSectionDecoder(name)
  decoder.push(sectionOf(image, name))
  return decoder
}

/** What the tests look at in an image. */
export interface Contents {
  info: NameSystemSection
  inodes: ImageINode[]
  directories: { parent: number; children: number[] }[]
  open: { inodeId: bigint | undefined; fullPath: string | undefined }[]
  lastInodeId: number
}

/** Reads an image that is all in memory. */
export function readImage(image: Uint8Array): Contents {
  const strings = opened(image, 'STRING_TABLE')
  const table = new StringTable(strings.next(StringTableSection)?.maskBits ?? 0)
  for (const { id, str } of messages(strings, StringTableSection_Entry))
    table.add({ id: id ?? 0, str: str ?? '' })
  const inodes = opened(image, 'INODE')
  const lastInodeId = Number(inodes.next(INodeSection)?.lastInodeId)
  return {
    info: decodeSingleMessage(NameSystemSection, sectionOf(image, 'NS_INFO')),
    inodes: messages(inodes, INodeSection_INode).map((inode) => imageINodeFromProto(inode, table)),
    directories: messages(opened(image, 'INODE_DIR'), INodeDirectorySection_DirEntry).map(
      ({ parent, children }) => ({
        parent: Number(parent),
        children: children.map(Number),
      }),
    ),
    open: messages(
      opened(image, 'FILES_UNDERCONSTRUCTION'),
      FilesUnderConstructionSection_FileUnderConstructionEntry,
    ).map(({ inodeId, fullPath }) => ({ inodeId, fullPath })),
    lastInodeId,
  }
}

/** Writes contents back as an image. */
export function writeImage(contents: Contents, raw: RawImageSections = {}): Uint8Array {
  const writer = new ImageWriter(raw)
  const parts: Uint8Array[] = []
  writer.namespaceInfo({
    namespaceId: contents.info.namespaceId ?? 0,
    transactionId: Number(contents.info.transactionId),
    generationStamp: Number(contents.info.genstampV2),
    lastAllocatedBlockId: contents.info.lastAllocatedBlockId ?? 0n,
  })
  writer.beginINodes(contents.lastInodeId, contents.inodes.length)
  for (const inode of contents.inodes) {
    writer.inode(inode)
    parts.push(writer.takeOutput())
  }
  writer.endINodes()
  for (const { parent, children } of contents.directories) writer.directory(parent, children)
  writer.endDirectories()
  for (const { inodeId, fullPath } of contents.open)
    writer.fileUnderConstruction(Number(inodeId), fullPath ?? '')
  writer.finish()
  parts.push(writer.takeOutput())
  return concatBytes(parts)
}
