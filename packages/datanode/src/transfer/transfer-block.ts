import { type OpTransferBlockProto, Status } from '@cairn/hadoop-proto'
import { encodeBlockOpResponse } from '@cairn/hdfs-protocol'
import { ReplicaError } from '../storage/replica-error.ts'
import { poolOf, refuse } from './refuse.ts'
import { sendReplica, transferStage } from './send-replica.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

/**
 * TRANSFER_BLOCK: a client adds a node to its pipeline and has this one give it what is written so far. A replica of an
 * older generation is refused with an answer that says so ([xfer.recovery.3]).
 */
export class TransferBlockOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #request: OpTransferBlockProto

  constructor(link: TransferLink, request: OpTransferBlockProto) {
    this.#link = link
    this.#request = request
  }

  start(): void {
    this.#link.allowSilence(0)
    this.#transfer().then(
      () => {
        this.#link.connection.write(encodeBlockOpResponse({ status: Status.SUCCESS }))
        this.#link.finish()
      },
      (error) => refuse(this.#link, 'TRANSFER_BLOCK', error),
    )
  }

  async #transfer(): Promise<void> {
    const { header, targets, targetStorageTypes, targetStorageIds } = this.#request
    const { block } = header.baseHeader
    const replica = poolOf(this.#link.context, block.poolId).require(block)
    if (replica.state !== 'RBW' && replica.state !== 'FINALIZED') {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `transfer a block: found it in state ${replica.state}; RBW or FINALIZED are allowed`,
      )
    }
    await sendReplica(this.#link.context, replica, {
      blockPoolId: block.poolId,
      targets,
      targetStorageTypes,
      targetStorageIds,
      clientName: header.clientName,
      stage: transferStage(replica),
    })
  }

  receive(): void {
    // The client has nothing to say before it has the answer; what it sends then is its next operation.
  }

  ended(): boolean {
    return true
  }

  closed(): void {
    // The copy goes on: the new node is worth having even when the client is gone.
  }
}
