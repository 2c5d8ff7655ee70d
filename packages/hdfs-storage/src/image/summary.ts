/**
 * The end of an image (`FSImageUtil`, `FSImageFormatProtobuf`), which says where everything else is:
 *
 *     | "HDFSIMG1" | section … | FileSummary, delimited | length of that i32 |
 *
 * Rules [image.file.1] to [image.file.6]. Sections lie back to back in any order; each is a run of delimited messages.
 * `*_SUB` entries point into the section without the suffix, for loading in parallel, and add nothing ([image.file.2]).
 */
import { ByteReader, ByteWriter, ProtocolError } from '@cairn/bytes'
import { FileSummary } from '@cairn/hadoop-proto/fsimage'
import { imageSummaryBytesMax } from '../limits.ts'

/** First bytes of every image. */
export const imageMagic: Uint8Array = new TextEncoder().encode('HDFSIMG1')
/** Bytes of the length behind the summary. */
export const summaryLengthBytes = 4
const onDiskVersion = 1

/** Sections in the order in which they must be read (`SectionName`). */
export const imageSectionNames = [
  'NS_INFO',
  'STRING_TABLE',
  'EXTENDED_ACL',
  'ERASURE_CODING',
  'INODE',
  'INODE_REFERENCE',
  'SNAPSHOT',
  'INODE_DIR',
  'FILES_UNDERCONSTRUCTION',
  'SNAPSHOT_DIFF',
  'SECRET_MANAGER',
  'CACHE_MANAGER',
] as const

/** Name of a section. */
export type ImageSectionName = (typeof imageSectionNames)[number]

/** Where a section is in the file. */
export interface ImageSection {
  readonly name: ImageSectionName
  readonly offset: number
  readonly length: number
}

/** What the end of an image says. Sections are in reading order. */
export interface ImageSummary {
  readonly layoutVersion: number
  readonly sections: readonly ImageSection[]
}

function malformed(found: string, allowed: string): ProtocolError {
  return new ProtocolError('ERR_HSTORAGE_IMAGE_SUMMARY', `read an image: found ${found}; ${allowed}`)
}

/** Bytes of the delimited summary, from the last four bytes of a file of `fileBytes`. */
export function decodeSummaryLength(lastBytes: Uint8Array, fileBytes: number): number {
  const length = new ByteReader(lastBytes).i32be()
  const room = Math.min(imageSummaryBytesMax, fileBytes - imageMagic.length - summaryLengthBytes)
  if (length < 1 || length > room) throw malformed(`a summary of ${length} bytes`, `1 to ${room} are allowed`)
  return length
}

/**
 * Decodes the delimited summary that starts at `summaryOffset` of the file. A compressed image is refused by its codec's
 * name ([image.file.3]), and so is a section that is unknown, given twice, or not between magic and summary
 * ([image.file.4]).
 */
export function decodeSummary(bytes: Uint8Array, summaryOffset: number): ImageSummary {
  const reader = new ByteReader(bytes)
  const summary = FileSummary.decodeDelimited(reader)
  if (summary.ondiskVersion !== onDiskVersion) {
    throw malformed(`version ${summary.ondiskVersion}`, `${onDiskVersion} is known`)
  }
  if (summary.codec !== undefined && summary.codec !== '') {
    throw new ProtocolError(
      'ERR_HSTORAGE_IMAGE_CODEC',
      `read an image: found it compressed with ${summary.codec}; uncompressed ones can be read (save it again with dfs.image.compress=false)`,
    )
  }
  const sections: ImageSection[] = []
  for (const { name, offset, length } of summary.sections) {
    if (name === undefined || offset === undefined || length === undefined) {
      throw malformed('a section without name, offset or length', 'all three are needed')
    }
    if (offset < BigInt(imageMagic.length) || offset + length > BigInt(summaryOffset)) {
      throw malformed(
        `section ${name} at ${offset} of ${length} bytes`,
        `it must end before ${summaryOffset}`,
      )
    }
    if (name.endsWith('_SUB')) continue
    const known = imageSectionNames.find((candidate) => candidate === name)
    if (known === undefined) throw malformed(`section ${name}`, `${imageSectionNames.join(', ')} are known`)
    if (sections.some((section) => section.name === known))
      throw malformed(`section ${name} twice`, 'once is allowed')
    sections.push({ name: known, offset: Number(offset), length: Number(length) })
  }
  sections.sort((a, b) => imageSectionNames.indexOf(a.name) - imageSectionNames.indexOf(b.name))
  return { layoutVersion: summary.layoutVersion | 0, sections }
}

/** Encodes summary and length, the last bytes of an image. */
export function encodeSummary(summary: ImageSummary): Uint8Array {
  const writer = new ByteWriter()
  FileSummary.encodeDelimited(writer, {
    ondiskVersion: onDiskVersion,
    layoutVersion: summary.layoutVersion >>> 0,
    sections: summary.sections.map(({ name, offset, length }) => ({
      name,
      length: BigInt(length),
      offset: BigInt(offset),
    })),
  })
  writer.u32be(writer.length)
  return writer.take()
}
