import type { OpReplaceBlockProto } from '@cairn/hadoop-proto'
import { moveReplica } from '../storage/move-replica.ts'
import { formatReplica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { TransferContext } from './transfer-context.ts'

/**
 * REPLACE_BLOCK whose source is this very node: the Mover wants the replica on another storage type here;
 * `FsDatasetImpl.moveBlockAcrossStorage`.
 */
export async function moveWithinNode(
  context: TransferContext,
  store: ReplicaStore,
  request: OpReplaceBlockProto,
): Promise<void> {
  const { block } = request.header
  const replica = store.require(block)
  const { storageType } = request
  if (storageType === undefined || replica.slice.volume.storageType === storageType) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_EXISTS',
      `move ${formatReplica(replica)} to another storage type: found it on storage type ${replica.slice.volume.storageType} already`,
    )
  }
  const target = store.chooseSlice(replica.length, storageType)
  await moveReplica(store, replica, target, { throttle: context.balanceThrottle })
  context.events.received(block.poolId, replica)
}
