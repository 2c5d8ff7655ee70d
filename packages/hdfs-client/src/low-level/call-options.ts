// What the short forms of the low-level client's calls may say.
import type { DatanodeInfoProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import type { CallOptions } from '../namenode/namenode-proxy.ts'

/** Which bytes of a file `getBlockLocations` is about. */
export interface ByteRange extends CallOptions {
  /** Default 0. */
  offset?: number | bigint | undefined
  /** Default: up to the file's end. */
  length?: number | bigint | undefined
}

/** What the short form of `create` may say. */
export interface CreateFileOptions extends CallOptions {
  /** Replaces a file that exists. Default false. */
  overwrite?: boolean | undefined
  /** Makes missing folders. Default true, as in Hadoop 1. */
  createParent?: boolean | undefined
  /** Default: the NameNode's. */
  replication?: number | undefined
  /** Default: the NameNode's. */
  blockSize?: number | bigint | undefined
}

/** What the short form of `addBlock` may say. */
export interface AddBlockOptions extends CallOptions {
  /** DataNodes that shall not get the block. */
  excludeNodes?: DatanodeInfoProto[] | undefined
  /** The block before, with its length. Default: the one added before by this client, with what `data()` wrote. */
  previous?: ExtendedBlockProto | undefined
}

/** What the short form of `complete` may say. */
export interface CompleteOptions extends CallOptions {
  /** The last block, with its length. Default: as `previous` of `addBlock`. */
  last?: ExtendedBlockProto | undefined
}
