import { ProtocolError } from '@cairn/bytes'
import { Status } from '@cairn/hadoop-proto'
import type { OperationName } from '@cairn/hdfs-protocol'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { TransferContext } from './transfer-context.ts'
import type { TransferLink } from './transfer-link.ts'

/** An operation that is refused with a status of its own. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code = 'ERR_DN_REFUSED'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Answers an operation with an error and ends the connection, as Java does. */
export function refuse(
  link: TransferLink,
  operation: OperationName,
  error: unknown,
  firstBadLink?: string,
): void {
  const reason = error instanceof Error ? error : new Error(String(error))
  link.context.logger.info({ peer: link.peer, operation, error: reason.message }, 'refused an operation')
  const status = error instanceof RefusedError ? error.status : Status.ERROR
  link.connection.write(
    link.version.encodeResponse(operation, {
      status,
      firstBadLink,
      message: `${operation}: ${reason.message}`,
    }),
  )
  link.end()
}

/** The replicas of the pool that a peer names. */
export function poolOf(context: TransferContext, blockPoolId: string): ReplicaStore {
  const store = context.storage.pool(blockPoolId)
  if (store) return store
  const found = [...context.storage.pools()].map((pool) => pool.pool.blockPoolId).join(', ') || 'none yet'
  const wanted = blockPoolId === '' ? 'the only block pool, for a peer that knows of none' : blockPoolId
  throw new ReplicaError('ERR_DN_REPLICA_MISSING', `find block pool ${wanted}: found ${found}`)
}

/** A 64-bit number of a message as a length or offset. */
export function lengthOf(value: bigint | undefined, field: string): number {
  const number = Number(value ?? 0n)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new ProtocolError(
    'ERR_DN_LENGTH',
    `read ${field}: found ${value}; 0 to ${Number.MAX_SAFE_INTEGER} are allowed`,
    {
      path: field,
    },
  )
}

/** Whether an error means that the replica's files are damaged. */
export function isCorruption(error: unknown): boolean {
  return error instanceof ReplicaError && error.code === 'ERR_DN_REPLICA_CORRUPT'
}

/** Whether a volume has run out of room. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof ReplicaError && error.code === 'ERR_DN_DISK_FULL'
}
