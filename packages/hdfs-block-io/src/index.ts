export {
  BlockIoError,
  type BlockIoErrorKind,
  type BlockIoErrorOptions,
  BlockReadError,
  BlockWriteError,
} from './block-io-error.ts'
export {
  type BlockChecksum,
  type BlockChecksumOptions,
  blockChecksum,
  type TransferBlockOptions,
  transferBlock,
} from './block-operations.ts'
export type { BlockReader } from './block-reader.ts'
export type { BlockWriter } from './block-writer.ts'
export { type DatanodeAddress, datanodeAddress, formatDatanodeAddress } from './datanode-address.ts'
export { DatanodeConnections, type DatanodeConnectionsOptions } from './datanode-connections.ts'
export { type OpenBlockReaderOptions, openBlockReader } from './open-block-reader.ts'
export { type OpenBlockWriterOptions, openBlockWriter } from './open-block-writer.ts'
