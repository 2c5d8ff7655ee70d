// InterDatanodeProtocol as the primary of a recovery uses it: over the wire, or straight to our own store.
import { RemoteException } from '@cairn/hadoop-ipc'
import type { DatanodeIDProto, ExtendedBlockProto, RecoveringBlockProto } from '@cairn/hadoop-proto'
import { interDatanodeProtocol, javaExceptions } from '@cairn/hdfs-protocol'
import type { Nameservice } from '../namenode/nameservice.ts'
import { replicaStateNumber } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import { initReplicaRecovery, updateReplicaUnderRecovery } from '../storage/replica-recovery.ts'
import type { RecoveryContext } from './recovery-context.ts'

/** A frozen replica and where it is. */
export interface Participant {
  readonly node: DatanodeIDProto
  /** A number of `ReplicaStateProto`. */
  readonly state: number
  readonly generationStamp: bigint
  readonly length: number
}

const { name, methods } = interDatanodeProtocol

/** The two calls of one recovery. */
export class ReplicaCalls {
  readonly #context: RecoveryContext
  readonly #service: Nameservice
  readonly #recoveryId: bigint

  constructor(context: RecoveryContext, service: Nameservice, recoveryId: bigint) {
    this.#context = context
    this.#service = service
    this.#recoveryId = recoveryId
  }

  /** Freezes the replica of `recovering` on one node; undefined when that has none. */
  async freeze(recovering: RecoveringBlockProto, node: DatanodeIDProto): Promise<Participant | undefined> {
    if (this.#isHere(node)) {
      const frozen = initReplicaRecovery(this.#service.store!, recovering.block.b, this.#recoveryId)
      return frozen && { node, ...frozen, state: replicaStateNumber[frozen.originalState] }
    }
    const { client } = this.#context
    const response = await client.call(this.#addressOf(node), name, methods.initReplicaRecovery, {
      block: recovering,
    })
    if (!response.replicaFound || !response.block) return undefined
    return {
      node,
      state: response.state ?? replicaStateNumber.FINALIZED,
      generationStamp: response.block.genStamp,
      length: Number(response.block.numBytes ?? 0n),
    }
  }

  /** Gives a frozen replica of `block` its length; resolves to the id of its storage. `newBlockId`: 0 keeps the id. */
  async update(
    block: ExtendedBlockProto,
    { node, length, generationStamp }: Participant,
    newLength: number,
    newBlockId: bigint,
  ): Promise<string> {
    const { poolId, blockId } = block
    const recoveryId = this.#recoveryId
    if (this.#isHere(node)) {
      const replica = updateReplicaUnderRecovery(
        this.#service.store!,
        { blockId, generationStamp, length },
        { recoveryId, newLength, newBlockId },
      )
      this.#context.events.received(poolId, replica)
      return replica.slice.volume.storageId
    }
    const { client } = this.#context
    const response = await client.call(this.#addressOf(node), name, methods.updateReplicaUnderRecovery, {
      block: { poolId, blockId, generationStamp, numBytes: BigInt(length) },
      recoveryId,
      newLength: BigInt(newLength),
      newBlockId,
    })
    return response.storageUuid ?? ''
  }

  /** Somebody recovers the replica already: this recovery gives way. */
  static isInProgress(error: unknown): boolean {
    return (
      (error instanceof ReplicaError && error.code === 'ERR_DN_RECOVERY_IN_PROGRESS') ||
      (error instanceof RemoteException && error.javaClass === javaExceptions.RecoveryInProgressException)
    )
  }

  #isHere(node: DatanodeIDProto): boolean {
    return node.datanodeUuid === this.#context.datanodeUuid()
  }

  #addressOf(node: DatanodeIDProto): { host: string; port: number } {
    return { host: this.#context.useDatanodeHostname ? node.hostName : node.ipAddr, port: node.ipcPort }
  }
}
