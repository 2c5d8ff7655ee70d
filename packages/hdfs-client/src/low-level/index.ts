export { UnsupportedByReleaseError } from '@cairn/hadoop-ipc'
export { BlockReadError, BlockWriteError } from '@cairn/hdfs-block-io'
export * from '@cairn/hdfs-protocol/exceptions'
export { HdfsFileError } from '../fs/file-error.ts'
export { NamenodeError, type NamenodeErrorCode } from '../namenode/namenode-error.ts'
export { BlockData, type BlockDataRange } from './block-data.ts'
export type { AddBlockOptions, ByteRange, CompleteOptions, CreateFileOptions } from './call-options.ts'
export { HdfsFile, type Whence } from './hdfs-file.ts'
export { type FileMode, open } from './open.ts'
export type {
  ClientProtocol61Calls,
  ClientProtocol61Method,
  ParametersOf61,
  ResultOf61,
} from './protocol-61.ts'
export type { ClientProtocolCalls, RequestMessage } from './protocol-calls.ts'
export { type RpcOptions, rpc } from './rpc.ts'
export { type Rpc, RpcHandle } from './rpc-handle.ts'
export { Block, Blocks, data, FileInfo } from './values.ts'
