// `ClientDatanodeProtocol.recoverBlock` of Hadoop 1: a client whose pipeline broke, or that appends, has one DataNode of
// those that are left put the block under a new generation stamp. Later clients do that with the NameNode themselves,
// and the DataNodes find what is good in their replicas when the pipeline is set up: so it is here too.
import type { RpcAddress, RpcClient } from '@cairn/hadoop-ipc'
import { clientProtocol, type RecoverBlockRequest, type RecoverBlockResponse } from '@cairn/hdfs-protocol'
import { emptyToken } from '../security/empty-token.ts'
import { formatReplica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'

/** What the recovery needs of the DataNode. */
export interface PipelineRecoveryHost {
  readonly client: RpcClient
  storeOf(blockPoolId: string): ReplicaStore
  /** The NameNode that rules the pool. */
  namenodeOf(blockPoolId: string): RpcAddress
}

const { name, methods } = clientProtocol

/** Hadoop 1 does not say who writes; to a NameNode the name "" is whoever has the lease. */
const unknownHolder = ''

/** Gets a new generation stamp for the block, and has the pipeline go on with these nodes [old.recover.1]. */
export async function recoverBlockOfPipeline(
  host: PipelineRecoveryHost,
  { block, keepLength, targets }: RecoverBlockRequest,
): Promise<RecoverBlockResponse> {
  const store = host.storeOf(block.poolId)
  const { blockPoolId: poolId } = store.pool
  const replica = store.require(block)
  if (keepLength && BigInt(replica.length) !== block.numBytes) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `append to ${formatReplica(replica)}: found ${replica.length} bytes; the writer expects ${block.numBytes}`,
    )
  }
  const namenode = host.namenodeOf(poolId)
  const numBytes = BigInt(keepLength ? replica.length : replica.bytesAcked)
  const oldBlock = { poolId, blockId: block.blockId, generationStamp: block.generationStamp, numBytes }
  const { block: renewed } = await host.client.call(namenode, name, methods.updateBlockForPipeline, {
    block: oldBlock,
    clientName: unknownHolder,
  })
  const newBlock = { ...oldBlock, generationStamp: renewed.b.generationStamp }
  await host.client.call(namenode, name, methods.updatePipeline, {
    clientName: unknownHolder,
    oldBlock,
    newBlock,
    newNodes: targets.map(({ id }) => id),
    storageIDs: [],
  })
  const located = { b: newBlock, offset: 0n, locs: [...targets], corrupt: false, blockToken: emptyToken() }
  return {
    block: { ...located, isCached: [], storageTypes: [], storageIDs: [], blockTokens: [] },
  }
}
