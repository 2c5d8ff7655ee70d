import { ProtocolError } from '@cairn/bytes'
import {
  type OpWriteBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  Status,
} from '@cairn/hadoop-proto'
import { BlockWriteServerSession, decodeChecksumFormat } from '@cairn/hdfs-protocol'
import type { Replica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { ReplicaWriter } from '../storage/replica-writer.ts'
import { BlockReceiver } from './block-receiver.ts'
import { MirrorError, PipelineMirror, xferAddress } from './pipeline-mirror.ts'
import { lengthOf, poolOf, refuse } from './refuse.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

/**
 * WRITE_BLOCK: a client's pipeline in all its stages, or a copy from another DataNode.
 *
 *   who asks                       replica           answer to the operation   acknowledgements   at the end
 *   client, SETUP_* and streaming  RBW               yes, when all below agree every packet       FINALIZED
 *   client, CLOSE_RECOVERY         FINALIZED         yes, when all below agree no packets         -
 *   client, TRANSFER_*             TEMPORARY         one, at the end           none               RBW or FINALIZED
 *   DataNode (no client name)      TEMPORARY         none                      none               FINALIZED
 *
 * The nodes below get the operation without the first of its targets ([xfer.write.1]).
 */
export class WriteBlockOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #request: OpWriteBlockProto
  readonly #poolId: string
  readonly #fromClient: boolean
  readonly #isTransfer: boolean
  #receiver: BlockReceiver | undefined
  /** The sender of a copy has sent all, and closed, before the next node was ready for it. */
  #senderEnded = false
  #closed = false

  constructor(link: TransferLink, request: OpWriteBlockProto) {
    this.#link = link
    this.#request = request
    this.#poolId = request.header.baseHeader.block.poolId
    this.#fromClient = request.header.clientName !== ''
    this.#isTransfer = request.stage === Stage.TRANSFER_RBW || request.stage === Stage.TRANSFER_FINALIZED
  }

  leavePipeline(restartUntilMs: number | undefined): boolean {
    if (this.#receiver === undefined || !this.#fromClient || this.#isTransfer) return false
    this.#receiver.leave(restartUntilMs)
    return true
  }

  start(): void {
    const { context } = this.#link
    let store: ReplicaStore
    let opened: { replica: Replica; writer?: ReplicaWriter }
    try {
      store = poolOf(context, this.#poolId)
      opened = this.#openReplica(store)
    } catch (error) {
      // A request that no writer makes is garbage, and gets what garbage gets.
      if (error instanceof ProtocolError) this.#link.fail(error)
      else refuse(this.#link, 'WRITE_BLOCK', error, xferAddress(context.identity(this.#poolId)))
      return
    }
    // Until the receiver stands, whoever takes the replica over must still be able to end this operation.
    opened.replica.work = { stop: (reason) => this.#link.fail(new Error(`set up a pipeline: ${reason}`)) }
    if (this.#fromClient && !this.#isTransfer && this.#request.stage !== Stage.PIPELINE_CLOSE_RECOVERY) {
      context.events.receiving(this.#poolId, opened.replica)
    }
    if (this.#request.targets.length === 0) this.#mirrored(store, opened, undefined)
    else this.#openMirror(store, opened)
  }

  receive(): void {
    this.#receiver?.receive()
  }

  ended(): boolean {
    if (this.#receiver !== undefined) return this.#receiver.received
    this.#senderEnded = !this.#fromClient
    return this.#senderEnded
  }

  closed(): void {
    this.#closed = true
    this.#receiver?.closed()
  }

  /** Puts the replica into the state that the stage needs. */
  #openReplica(store: ReplicaStore): { replica: Replica; writer?: ReplicaWriter } {
    const request = this.#request
    const { block } = request.header.baseHeader
    const newGenerationStamp = request.latestGenerationStamp
    const minBytes = lengthOf(request.minBytesRcvd, 'OpWriteBlockProto.minBytesRcvd')
    const fresh = {
      blockId: block.blockId,
      generationStamp: block.generationStamp,
      expectedBytes: lengthOf(block.numBytes, 'ExtendedBlockProto.numBytes'),
      storageType: request.storageType,
      checksum: decodeChecksumFormat(request.requestedChecksum),
    }
    const opened = (writer: ReplicaWriter) => ({ replica: writer.replica, writer })
    if (!this.#fromClient || this.#isTransfer) return opened(store.createTemporary(fresh))
    switch (request.stage) {
      case Stage.PIPELINE_SETUP_CREATE:
        return opened(store.createRbw(fresh))
      case Stage.PIPELINE_SETUP_APPEND:
        return opened(store.append(block, newGenerationStamp, minBytes))
      case Stage.PIPELINE_SETUP_APPEND_RECOVERY:
        // What a writer of Hadoop 1 knows is the stamp that recoverBlock got for it [old.recover.4].
        if (!this.#link.version.namesStages) return opened(store.resumeRecovered(block))
        return opened(store.recoverAppend(block, newGenerationStamp, minBytes))
      case Stage.PIPELINE_SETUP_STREAMING_RECOVERY: {
        const maxBytes = lengthOf(request.maxBytesRcvd, 'OpWriteBlockProto.maxBytesRcvd')
        return opened(store.recoverRbw(block, newGenerationStamp, minBytes, maxBytes))
      }
      case Stage.PIPELINE_CLOSE_RECOVERY:
        return { replica: store.recoverClose(block, newGenerationStamp, minBytes) }
      default:
        throw new ReplicaError(
          'ERR_DN_REPLICA_STATE',
          `set up a pipeline: found stage ${request.stage}, which begins none`,
        )
    }
  }

  #openMirror(store: ReplicaStore, opened: { replica: Replica; writer?: ReplicaWriter }): void {
    const { context } = this.#link
    this.#link.allowSilence(0)
    const answer = this.#fromClient && !this.#isTransfer
    // Packets are passed on as they come, so the next node is spoken to as this one is ([xfer17.write.4]).
    PipelineMirror.open(context, this.#request, { answer, version: this.#link.version }).then(
      (mirror) => {
        this.#link.allowSilence(context.idleMs)
        if (this.#closed) {
          mirror.destroy()
          this.#release(store, opened)
          return
        }
        this.#mirrored(store, opened, mirror)
      },
      (error: unknown) => {
        this.#link.allowSilence(context.idleMs)
        if (this.#closed) {
          this.#release(store, opened)
        } else if (this.#fromClient) {
          this.#release(store, opened)
          refuse(
            this.#link,
            'WRITE_BLOCK',
            error,
            error instanceof MirrorError ? error.firstBadLink : undefined,
          )
        } else {
          // A copy for this node is worth having even when the next one gets none.
          context.logger.info({ error: (error as Error).message }, 'copies a block without passing it on')
          this.#mirrored(store, opened, undefined)
        }
      },
    )
  }

  /** The pipeline below stands: agree, and take packets. */
  #mirrored(
    store: ReplicaStore,
    opened: { replica: Replica; writer?: ReplicaWriter },
    mirror: PipelineMirror | undefined,
  ): void {
    const { context, input, version } = this.#link
    const { replica, writer } = opened
    if (this.#fromClient && !this.#isTransfer) {
      this.#agree()
    }
    if (!writer) {
      mirror?.end()
      replica.work = undefined
      context.events.received(this.#poolId, replica)
      this.#link.finish()
      return
    }
    this.#link.expectPackets()
    this.#receiver = new BlockReceiver({
      link: this.#link,
      session: new BlockWriteServerSession(this.#request, replica.length, input, version),
      writer,
      mirror,
      acknowledges: this.#fromClient && !this.#isTransfer,
      syncOnClose: context.syncOnClose,
      complete: () => this.#complete(store, replica, writer),
      done: () => this.#done(),
      corrupt: () => this.#reportSource(),
      abandoned: () => store.abandon(replica),
    })
    this.#receiver.receive()
    if (this.#senderEnded && !this.#receiver.received) {
      this.#link.fail(new Error('serve WRITE_BLOCK: the peer closed the connection'))
    }
  }

  #complete(store: ReplicaStore, replica: Replica, writer: ReplicaWriter): Promise<void> | undefined {
    const { context } = this.#link
    if (this.#fromClient && this.#request.stage === Stage.TRANSFER_RBW) {
      const visible = lengthOf(this.#request.header.baseHeader.block.numBytes, 'ExtendedBlockProto.numBytes')
      store.convertTemporaryToRbw(replica, visible)
      return undefined
    }
    store.finalize(replica)
    context.events.received(this.#poolId, replica)
    return writer.synced ? replica.slice.syncPlace(replica) : undefined
  }

  #done(): void {
    if (this.#fromClient && this.#isTransfer) {
      this.#agree()
    }
    this.#link.finish()
  }

  #agree(): void {
    const response = { status: Status.SUCCESS, firstBadLink: '' }
    this.#link.connection.write(this.#link.version.encodeResponse('WRITE_BLOCK', response))
  }

  /** A client hears of a bad packet from its acknowledgement; of a DataNode's the NameNode must hear. */
  #reportSource(): void {
    const { header, source } = this.#request
    if (source !== undefined) this.#link.context.events.corruptElsewhere(header.baseHeader.block, source)
  }

  #release(store: ReplicaStore, opened: { replica: Replica; writer?: ReplicaWriter }): void {
    opened.writer?.close()
    opened.replica.work = undefined
    store.abandon(opened.replica)
  }
}
