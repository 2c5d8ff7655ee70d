import { defineService, type RpcService } from '@cairn/hadoop-ipc'
import { interDatanodeProtocol } from '@cairn/hdfs-protocol'
import { replicaStateNumber } from '../storage/replica.ts'
import { initReplicaRecovery, updateReplicaUnderRecovery } from '../storage/replica-recovery.ts'
import type { ReplicaEvents } from '../transfer/transfer-context.ts'
import { asRemote, type StoreLookup } from './ipc-errors.ts'

/** `InterDatanodeProtocol`: what the primary of a block recovery asks of this node. */
export function interDatanodeService(storeOf: StoreLookup, events: ReplicaEvents): RpcService {
  return defineService({
    protocol: interDatanodeProtocol.name,
    methods: interDatanodeProtocol.methods,
    handlers: {
      initReplicaRecovery: (request) =>
        asRemote(() => {
          const { b: block } = request.block.block
          const frozen = initReplicaRecovery(storeOf(block.poolId), block, request.block.newGenStamp)
          if (!frozen) return { replicaFound: false }
          return {
            replicaFound: true,
            state: replicaStateNumber[frozen.originalState],
            block: {
              blockId: frozen.blockId,
              genStamp: frozen.generationStamp,
              numBytes: BigInt(frozen.length),
            },
          }
        }),
      updateReplicaUnderRecovery: (request) =>
        asRemote(() => {
          const { block } = request
          const replica = updateReplicaUnderRecovery(
            storeOf(block.poolId),
            {
              blockId: block.blockId,
              generationStamp: block.generationStamp,
              length: Number(block.numBytes ?? 0n),
            },
            {
              recoveryId: request.recoveryId,
              newLength: Number(request.newLength),
              newBlockId: request.newBlockId ?? 0n,
            },
          )
          events.received(block.poolId, replica)
          return { storageUuid: replica.slice.volume.storageId }
        }),
    },
  })
}
