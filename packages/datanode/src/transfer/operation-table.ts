import { type ExtendedBlockProto, Status } from '@cairn/hadoop-proto'
import type { Operation, OperationName } from '@cairn/hdfs-protocol'
import { AccessRefusedOperation } from './access-refused.ts'
import { BlockChecksumOperation } from './block-checksum.ts'
import { BlockGroupChecksumOperation } from './block-group-checksum.ts'
import { CopyBlockOperation } from './copy-block.ts'
import { ReadBlockOperation } from './read-block.ts'
import { RefusedError, refuse } from './refuse.ts'
import { ReplaceBlockOperation } from './replace-block.ts'
import { TransferBlockOperation } from './transfer-block.ts'
import type { TransferContext } from './transfer-context.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'
import { WriteBlockOperation } from './write-block.ts'

/** What each operation code does. */
export function makeOperation(link: TransferLink, operation: Operation): RunningOperation {
  nameOnlyPool(link.context, operation)
  const refusal = link.context.security.refusal(operation)
  if (refusal !== undefined) return new AccessRefusedOperation(link, operation, refusal)
  switch (operation.name) {
    case 'READ_BLOCK':
      return new ReadBlockOperation(link, operation.request)
    case 'WRITE_BLOCK':
      return new WriteBlockOperation(link, operation.request)
    case 'TRANSFER_BLOCK':
      return new TransferBlockOperation(link, operation.request)
    case 'BLOCK_CHECKSUM':
      return new BlockChecksumOperation(link, operation.request)
    case 'BLOCK_GROUP_CHECKSUM':
      return new BlockGroupChecksumOperation(link, operation.request)
    case 'COPY_BLOCK':
      return new CopyBlockOperation(link, operation.request)
    case 'REPLACE_BLOCK':
      return new ReplaceBlockOperation(link, operation.request)
    default:
      return new UnsupportedOperation(link, operation.name)
  }
}

/** Hadoop 1 knows no block pools: it means the only one of this node ([xfer17.op.8]). */
function nameOnlyPool({ storage }: TransferContext, operation: Operation): void {
  const block = blockOf(operation)
  if (block === undefined || block.poolId !== '') return
  const [only, ...others] = storage.pools()
  if (only !== undefined && others.length === 0) block.poolId = only.pool.blockPoolId
}

/** The block that an operation is about. */
function blockOf({ request }: Operation): ExtendedBlockProto | undefined {
  if (!('header' in request)) return undefined
  return 'baseHeader' in request.header ? request.header.baseHeader.block : request.header.block
}

/**
 * Short-circuit reads need file descriptors passed over a Unix socket: the peer learns that this node does not do that,
 * and goes on without.
 */
class UnsupportedOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #name: OperationName

  constructor(link: TransferLink, name: OperationName) {
    this.#link = link
    this.#name = name
  }

  start(): void {
    const reason = new RefusedError(Status.ERROR_UNSUPPORTED, 'this DataNode does not do that')
    refuse(this.#link, this.#name, reason)
  }

  receive(): void {
    // The answer ends the connection; what still comes is not read.
  }

  ended(): boolean {
    return true
  }

  closed(): void {
    // Nothing was begun.
  }
}
