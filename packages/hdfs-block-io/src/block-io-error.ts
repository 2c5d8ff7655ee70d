import { Status } from '@cairn/hadoop-proto'
import { ChecksumError, formatRefusal, type Refusal, SaslRefusedError } from '@cairn/hdfs-protocol'
import { type DatanodeAddress, formatDatanodeAddress } from './datanode-address.ts'

/**
 * What went wrong with a block:
 * `connect` the DataNode cannot be reached · `token` it does not accept the block token · `checksum` it sent data that
 * does not match its checksums · `status` it refused · `closed` it closed the connection too early · `timeout` it fell
 * silent · `protocol` it sent what the protocol does not allow · `node` (writes) a node of the pipeline failed.
 */
export type BlockIoErrorKind =
  | 'connect'
  | 'token'
  | 'checksum'
  | 'status'
  | 'closed'
  | 'timeout'
  | 'protocol'
  | 'node'

export interface BlockIoErrorOptions {
  readonly datanode: DatanodeAddress
  /** The DataNode's `Status` number, when it sent one. */
  readonly status?: number | undefined
  readonly cause?: unknown
}

/** A failure of one DataNode with one block. `code` is `ERR_BLOCK_` and the kind in capitals. */
export class BlockIoError extends Error {
  readonly kind: BlockIoErrorKind
  readonly code: string
  readonly datanode: DatanodeAddress
  readonly status: number | undefined

  constructor(kind: BlockIoErrorKind, message: string, options: BlockIoErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.code = `ERR_BLOCK_${kind.toUpperCase()}`
    this.datanode = options.datanode
    this.status = options.status
  }
}

/** A block could not be read from one DataNode; another replica may do. */
export class BlockReadError extends BlockIoError {
  override readonly name = 'BlockReadError'
  /** `checksum` only: where the first bad chunk starts in the block. */
  readonly offset: number | undefined

  constructor(kind: BlockIoErrorKind, message: string, options: BlockIoErrorOptions & { offset?: number }) {
    super(kind, message, options)
    this.offset = options.offset
  }
}

/** A pipeline broke; `failedNodeIndex` says which node to leave out of the next one. */
export class BlockWriteError extends BlockIoError {
  override readonly name = 'BlockWriteError'
  /** Index into the pipeline; the first node when nobody said which it was. */
  readonly failedNodeIndex: number
  /** The node said that it restarts and will be back (`OOB_RESTART`). */
  readonly restarting: boolean

  constructor(
    kind: BlockIoErrorKind,
    message: string,
    options: BlockIoErrorOptions & { failedNodeIndex?: number; restarting?: boolean },
  ) {
    super(kind, message, options)
    this.failedNodeIndex = options.failedNodeIndex ?? 0
    this.restarting = options.restarting ?? false
  }
}

/** The kind and text of a refusal. */
export function refusalKind(refusal: Refusal): BlockIoErrorKind {
  return refusal.status === Status.ERROR_ACCESS_TOKEN ? 'token' : 'status'
}

/** What a DataNode's refusal of `attempted` looks like to a reader. */
export function refusedRead(attempted: string, refusal: Refusal, datanode: DatanodeAddress): BlockReadError {
  return new BlockReadError(
    refusalKind(refusal),
    `${attempted} from ${formatDatanodeAddress(datanode)}: found ${formatRefusal(refusal)}`,
    { datanode, status: refusal.status },
  )
}

/** `token` when a DataNode did not let this end in because of its block token. */
export function loginKind(error: unknown): BlockIoErrorKind | undefined {
  return error instanceof SaslRefusedError && error.kind === 'token' ? 'token' : undefined
}

/** Any error of a connection or of a session as a `BlockReadError`. */
export function asBlockReadError(
  attempted: string,
  error: unknown,
  datanode: DatanodeAddress,
  kind: BlockIoErrorKind,
): BlockReadError {
  if (error instanceof BlockReadError) return error
  const text = error instanceof Error ? error.message : String(error)
  const message = `${attempted} from ${formatDatanodeAddress(datanode)}: ${text}`
  if (error instanceof ChecksumError) {
    return new BlockReadError('checksum', message, { datanode, cause: error, offset: error.offset })
  }
  return new BlockReadError(loginKind(error) ?? kind, message, { datanode, cause: error })
}
