import { ProtocolError } from '@cairn/bytes'

/** States of a replica on a DataNode (Java: `HdfsServerConstants.ReplicaState`). */
export const ReplicaState = {
  /** Complete; never changes but by append, truncate or recovery. */
  FINALIZED: 0,
  /** Being written. */
  RBW: 1,
  /** Was being written when the DataNode stopped; waits for recovery. */
  RWR: 2,
  /** Being recovered. */
  RUR: 3,
  /** A copy in the making; never reported. */
  TEMPORARY: 4,
} as const
export type ReplicaState = (typeof ReplicaState)[keyof typeof ReplicaState]

/** One replica in a block report. */
export interface ReportedReplica {
  readonly blockId: bigint
  readonly numBytes: number
  readonly generationStamp: bigint
  readonly state: ReplicaState
}

/** A number from the wire as a state; an unknown one is a `ProtocolError`. */
export function checkReplicaState(number: number): ReplicaState {
  const state = Object.values(ReplicaState).find((known) => known === number)
  if (state === undefined) {
    throw new ProtocolError(
      'ERR_BLOCK_LIST_STATE',
      `read a block list: found replica state ${number}; 0 to 4 are known`,
    )
  }
  return state
}

/** A length from the wire as a number; one that is negative or above 2^53 − 1 is a `ProtocolError`. */
export function checkReplicaBytes(length: bigint): number {
  if (length < 0n || length > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProtocolError(
      'ERR_BLOCK_LIST_LENGTH',
      `read a block list: found a replica of ${length} bytes; 0 to 2^53 − 1 are allowed`,
    )
  }
  return Number(length)
}
