export type { Decoded, Field } from './edits/field.ts'
export {
  checkFrame,
  decodeFrame,
  type EditFrame,
  type EditRecord,
  editFrameBytesMin,
  type FrameFault,
  writeEditOp,
} from './edits/frame.ts'
export { type EditOp, type EditOpName, type EditOpOf, operations } from './edits/operations.ts'
export type { EditXAttr } from './edits/proto-fields.ts'
export {
  EditSegmentDecoder,
  type EditSegmentDecoderOptions,
  encodeSegmentHeader,
  nameNodeLayoutVersion,
  type SegmentEnd,
  segmentHeaderBytes,
} from './edits/segment-decoder.ts'
export {
  type EditAclEntry,
  type EditBlock,
  type EditCacheDirective,
  type EditCachePool,
  type EditPermissionStatus,
  noRpcIds,
} from './edits/structures.ts'
export {
  type ImageDirectory,
  type ImageFile,
  type ImageINode,
  type ImageSymlink,
  imageINodeFromProto,
  imageINodeToProto,
} from './image/image-inode.ts'
export { type ImageNamespaceInfo, ImageWriter, type RawImageSections } from './image/image-writer.ts'
export { type ImagePermission, packPermission, unpackPermission } from './image/packed-fields.ts'
export { decodeSingleMessage, ImageSectionDecoder } from './image/section-decoder.ts'
export { StringTable, StringTableBuilder, type StringTableEntry } from './image/string-table.ts'
export {
  decodeSummary,
  decodeSummaryLength,
  encodeSummary,
  type ImageSection,
  type ImageSectionName,
  type ImageSummary,
  imageMagic,
  imageSectionNames,
  summaryLengthBytes,
} from './image/summary.ts'
export {
  type BlockMetadataHeader,
  blockMetadataHeaderBytes,
  blockMetadataVersion,
  decodeBlockMetadataHeader,
  encodeBlockMetadataHeader,
} from './replica/block-metadata-header.ts'
export {
  blockPoolDirectories,
  finalizedSubdirectory,
  formatBlockFileName,
  formatMetaFileName,
  parseReplicaFileName,
  type ReplicaFileName,
} from './replica/replica-files.ts'
export {
  formatCheckpointFileName,
  formatImageFileName,
  formatInProgressFileName,
  formatMd5File,
  formatSegmentFileName,
  lockFileName,
  type NameNodeFileName,
  parseMd5File,
  parseNameNodeFileName,
  seenTxidFileName,
  versionFileName,
} from './storage/namenode-files.ts'
export { formatJavaDate, formatProperties, parseProperties } from './storage/properties.ts'
export {
  type BlockPoolVersion,
  type DataNodeVersion,
  dataNodeLayoutVersion,
  formatBlockPoolVersion,
  formatDataNodeVersion,
  formatNameNodeVersion,
  type NameNodeVersion,
  olderDataNodeLayoutVersions,
  parseBlockPoolVersion,
  parseDataNodeVersion,
  parseNameNodeVersion,
} from './storage/version-file.ts'
