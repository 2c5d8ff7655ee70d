// The DataNode's half of block recovery, `FsDatasetImpl.initReplicaRecovery` and `updateReplicaUnderRecovery`:
// the primary first has every replica frozen and asks for its length, then sets the agreed length.
import { readBlockChecksum, writeBlockChecksum } from './block-meta.ts'
import { formatReplica, Replica } from './replica.ts'
import { ReplicaError } from './replica-error.ts'
import type { BlockId, ReplicaStore } from './replica-store.ts'
import { ReplicaWriter } from './replica-writer.ts'
import { truncateReplica } from './truncate-replica.ts'

/** What a frozen replica tells the primary; `ReplicaRecoveryInfo`. */
export interface FrozenReplica extends BlockId {
  readonly length: number
  readonly originalState: Replica['state']
}

const copyBytes = 1024 * 1024

/** Freezes a replica for the recovery `recoveryId`; undefined when there is no such replica. */
export function initReplicaRecovery(
  store: ReplicaStore,
  block: BlockId,
  recoveryId: bigint,
): FrozenReplica | undefined {
  const replica = store.find(block.blockId)
  if (!replica) return undefined
  const attempt = `recover ${formatReplica(replica)} as ${recoveryId}`
  if (replica.generationStamp < block.generationStamp) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `${attempt}: the NameNode has generation stamp ${block.generationStamp}`,
    )
  }
  if (replica.generationStamp >= recoveryId) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `${attempt}: the replica has been recovered to that or later`,
    )
  }
  if (replica.recovery && replica.recovery.id >= recoveryId) {
    throw new ReplicaError(
      'ERR_DN_RECOVERY_IN_PROGRESS',
      `${attempt}: found recovery ${replica.recovery.id} under way`,
    )
  }
  store.stopWork(replica, `recovery ${recoveryId} began`)
  replica.recovery = { id: recoveryId, originalState: replica.reportedState }
  replica.state = 'RUR'
  return {
    blockId: replica.blockId,
    generationStamp: replica.generationStamp,
    length: replica.length,
    originalState: replica.recovery.originalState,
  }
}

/** What the primary decided. */
export interface RecoveryDecision {
  readonly recoveryId: bigint
  readonly newLength: number
  /** Copy-on-truncate: the shortened block gets this id and the old one stays; 0 otherwise. */
  readonly newBlockId: bigint
}

/** Gives a frozen replica its agreed length and completes it; returns the replica that came out. */
export function updateReplicaUnderRecovery(
  store: ReplicaStore,
  block: BlockId & { readonly length: number },
  decision: RecoveryDecision,
): Replica {
  const replica = store.require({ blockId: block.blockId, generationStamp: 0n })
  const attempt = `complete recovery ${decision.recoveryId} of ${formatReplica(replica)}`
  if (replica.state !== 'RUR' || replica.recovery?.id !== decision.recoveryId) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `${attempt}: found state ${replica.state}, recovery ${replica.recovery?.id}`,
    )
  }
  if (replica.length !== block.length) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `${attempt}: found ${replica.length} bytes; the primary was told ${block.length}`,
    )
  }
  if (decision.newLength > replica.length) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `${attempt}: found ${replica.length} bytes; ${decision.newLength} are asked for`,
    )
  }
  if (decision.newBlockId > 0n && decision.newBlockId !== replica.blockId)
    return copyTruncated(store, replica, decision)
  const file = replica.slice.open(replica, 'write')
  try {
    truncateReplica(replica, file, decision.newLength)
  } finally {
    file.close()
  }
  store.setGenerationStamp(replica, decision.recoveryId)
  if (replica.place === 'finalized') {
    replica.recovery = undefined
    replica.state = 'FINALIZED'
    replica.bytesAcked = replica.length
  } else {
    store.finalize(replica)
  }
  return replica
}

function copyTruncated(store: ReplicaStore, replica: Replica, decision: RecoveryDecision): Replica {
  const source = replica.slice.open(replica, 'read')
  const copy = new Replica(replica.slice, decision.newBlockId, decision.recoveryId, 'TEMPORARY', 0)
  const target = replica.slice.create(copy)
  try {
    const checksum = readBlockChecksum(source, formatReplica(replica))
    writeBlockChecksum(target, checksum)
    const writer = ReplicaWriter.resume(copy, target)
    for (let at = 0; at < decision.newLength; at += copyBytes) {
      const piece = new Uint8Array(Math.min(copyBytes, decision.newLength - at))
      source.readSync('data', piece, at)
      writer.addComputed(at, piece)
      writer.flush()
    }
  } finally {
    source.close()
    target.close()
  }
  const stateBefore = replica.reportedState
  replica.recovery = undefined
  replica.state = stateBefore
  store.adopt(copy)
  store.finalize(copy)
  return copy
}
