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
  type BlockGroupChecksumOptions,
  blockChecksum,
  blockGroupChecksum,
  type TransferBlockOptions,
  transferBlock,
} from './block-operations.ts'
export type { BlockReader } from './block-reader.ts'
export type { BlockWriter } from './block-writer.ts'
export { type DatanodeAddress, datanodeAddress, formatDatanodeAddress } from './datanode-address.ts'
export {
  type ConnectionPurpose,
  DatanodeConnections,
  type DatanodeConnectionsOptions,
} from './datanode-connections.ts'
export { type OpenBlockReaderOptions, openBlockReader } from './open-block-reader.ts'
export { type OpenBlockWriterOptions, openBlockWriter } from './open-block-writer.ts'
export { DatanodeSecurity, type DatanodeSecurityOptions } from './security/datanode-security.ts'
export { hmacSha1, nodeCrypto } from './security/node-crypto.ts'
export { type SecureOptions, secureConnection } from './security/secure-connection.ts'
