// What the NameNode orders. Orders are taken one after the other, beside the heartbeats; long work (copies, deletes,
// recoveries) is begun in that order and ends by itself.
import {
  BlockCommandProto_Action as BlockAction,
  type BlockCommandProto,
  BlockIdCommandProto_Action as BlockIdAction,
  type BlockIdCommandProto,
  type BlockRecoveryCommandProto,
  DatanodeCommandProto_Type as CommandType,
  type DatanodeCommandProto,
  ErrorReportRequestProto_ErrorCode as ErrorCode,
  type ExportedBlockKeysProto,
  type RecoveringBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
} from '@cairn/hadoop-proto'
import { TransportError } from '@cairn/transport'
import type { BlockCache } from '../cache/block-cache.ts'
import type { ReconstructionOptions } from '../erasure-coding/reconstruction-options.ts'
import { ReconstructionWorker } from '../erasure-coding/reconstruction-worker.ts'
import { transfersMax } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { recoverBlock } from '../recovery/recover-block.ts'
import { recoverGroup } from '../recovery/recover-group.ts'
import type { RecoveryContext } from '../recovery/recovery-context.ts'
import { formatReplica, type Replica } from '../storage/replica.ts'
import { sendReplica } from '../transfer/send-replica.ts'
import type { TransferContext } from '../transfer/transfer-context.ts'
import { Invalidations } from './invalidations.ts'
import type { Nameservice } from './nameservice.ts'

export class CommandExecutor {
  /** Takes blocks of cache directives; undefined where none may be kept in memory. */
  cache: BlockCache | undefined
  readonly #transfer: TransferContext
  readonly #recovery: RecoveryContext
  readonly #logger: Logger
  readonly #reconstruction: ReconstructionWorker
  readonly #invalidations: Invalidations
  #queue: Promise<void> = Promise.resolve()
  #transfers = 0
  readonly #waiting: (() => void)[] = []

  constructor(transfer: TransferContext, recovery: RecoveryContext, options: ReconstructionOptions = {}) {
    this.#transfer = transfer
    this.#recovery = recovery
    this.#logger = transfer.logger
    this.#invalidations = new Invalidations(transfer.logger, {
      removed: (blockPoolId, replica, tell) => {
        transfer.activity.blocksRemoved++
        if (tell) transfer.events.deleted(blockPoolId, replica)
      },
    })
    this.#reconstruction = new ReconstructionWorker(transfer, options)
  }

  /** Copies to other nodes under way or waiting; a reconstruction counts as several. */
  get transfers(): number {
    return this.#transfers + this.#waiting.length + this.#reconstruction.xmits
  }

  /** Gives up what is being reconstructed. */
  close(): void {
    this.#reconstruction.close()
  }

  /** The NameNode says with every registration whether it wants block tokens to be checked. */
  registered(blockPoolId: string, keys: ExportedBlockKeysProto): void {
    this.#transfer.security.registered(blockPoolId, keys)
  }

  execute(service: Nameservice, command: DatanodeCommandProto): void {
    this.#queue = this.#queue
      .then(() => this.#execute(service, command))
      .catch((error: Error) => {
        this.#logger.warn(
          { command: command.cmdType, error: error.message },
          'could not do what the NameNode ordered',
        )
      })
  }

  async #execute(service: Nameservice, command: DatanodeCommandProto): Promise<void> {
    switch (command.cmdType) {
      case CommandType.BlockCommand:
        if (command.blkCmd) this.#blocks(service, command.blkCmd)
        return
      case CommandType.BlockRecoveryCommand:
        if (command.recoveryCmd) this.#recover(service, command.recoveryCmd)
        return
      case CommandType.BlockECReconstructionCommand:
        if (command.blkECReconstructionCmd) this.#reconstruction.take(command.blkECReconstructionCmd)
        return
      case CommandType.BalancerBandwidthCommand:
        this.#transfer.balanceThrottle.bytesPerSecond = Number(command.balancerCmd?.bandwidth ?? 0n)
        return
      case CommandType.KeyUpdateCommand:
        if (command.keyUpdateCmd)
          this.#transfer.security.updateKeys(service.blockPoolId!, command.keyUpdateCmd.keys)
        return
      case CommandType.BlockIdCommand:
        if (command.blkIdCmd) this.#keep(service, command.blkIdCmd)
        return
      case CommandType.FinalizeCommand:
        await service.store!.finalizeUpgrade()
        return
      case CommandType.NullDatanodeCommand:
        return
      default:
        // Newer NameNodes may know more orders [dnp.command.1].
        this.#logger.info(
          { command: command.cmdType },
          'the NameNode ordered something that is not done here',
        )
    }
  }

  /** Takes blocks into memory, or out of it. */
  #keep(service: Nameservice, command: BlockIdCommandProto): void {
    const store = service.store!
    const blockIds = command.blockIds.map((blockId) => BigInt.asIntN(64, blockId))
    if (command.action === BlockIdAction.UNCACHE) this.cache?.uncache(store, blockIds)
    else void this.cache?.cache(store, blockIds)
  }

  #blocks(service: Nameservice, command: BlockCommandProto): void {
    switch (command.action) {
      case BlockAction.TRANSFER:
        this.#copies(service, command)
        return
      case BlockAction.INVALIDATE:
        if (service.store) this.#invalidations.add(service.store, command)
        return
      default:
        this.#logger.info({ action: command.action }, 'the NameNode ordered an action that is not done here')
    }
  }

  #copies(service: Nameservice, command: BlockCommandProto): void {
    command.blocks.forEach((block, index) => {
      const named = { blockId: block.blockId, generationStamp: block.genStamp }
      const replica = service.store!.find(block.blockId)
      if (replica?.state !== 'FINALIZED' || replica.generationStamp < block.genStamp) {
        this.#cannotCopy(service, formatReplica(named), replica)
        return
      }
      if (replica.length < Number(block.numBytes ?? 0n)) {
        service.reportBad(replica, `found ${replica.length} bytes; the NameNode has ${block.numBytes}`)
        return
      }
      const targets = {
        nodes: command.targets[index]?.datanodes ?? [],
        types: command.targetStorageTypes[index]?.storageTypes ?? [],
        ids: command.targetStorageUuids[index]?.storageUuids ?? [],
      }
      if (targets.nodes.length > 0) void this.#copy(service, replica, targets)
    })
  }

  async #copy(
    service: Nameservice,
    replica: Replica,
    targets: { nodes: BlockCommandProto['targets'][number]['datanodes']; types: number[]; ids: string[] },
  ): Promise<void> {
    if (this.#transfers >= transfersMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#transfers++
    const to = targets.nodes.map((node) => `${node.id.ipAddr}:${node.id.xferPort}`)
    try {
      await sendReplica(this.#transfer, replica, {
        blockPoolId: service.blockPoolId!,
        targets: targets.nodes,
        targetStorageTypes: targets.types,
        targetStorageIds: targets.ids,
        clientName: '',
        stage: Stage.PIPELINE_SETUP_CREATE,
        version: service.active?.link.dataTransfer,
      })
      this.#transfer.activity.blocksReplicated++
      this.#logger.info({ block: formatReplica(replica), to }, 'copied a replica')
    } catch (error) {
      this.#logger.warn(
        { block: formatReplica(replica), to, error: (error as Error).message },
        'could not copy a replica',
      )
      // A target that hung up may have found damage; one that was never reached has not.
      if (!(error instanceof TransportError) || error.code === 'ECONNRESET') {
        this.#transfer.suspect(service.blockPoolId!, replica)
      }
    } finally {
      this.#transfers--
      this.#waiting.shift()?.()
    }
  }

  /** The NameNode believes in a replica that is not here as it thinks. */
  #cannotCopy(service: Nameservice, block: string, replica: Replica | undefined): void {
    const msg = `Can't send invalid block ${block}: ${replica ? `it is ${replica.state} as ${formatReplica(replica)}` : 'no such replica'}`
    this.#logger.warn({ block }, msg)
    service.reportError(ErrorCode.INVALID_BLOCK, msg)
  }

  #recover(service: Nameservice, command: BlockRecoveryCommandProto): void {
    for (const block of command.blocks) {
      this.#recoverOne(service, block).catch((error: Error) => {
        this.#logger.warn(
          { blockId: block.block.b.blockId, error: error.message },
          'could not recover a block',
        )
      })
    }
  }

  async #recoverOne(service: Nameservice, ordered: RecoveringBlockProto): Promise<void> {
    const { active } = service
    // Hadoop 1's order has no new generation stamp in it [dnp1.recovery.1].
    const isNamed = ordered.newGenStamp !== 0n || !active
    const newGenStamp = isNamed ? ordered.newGenStamp : await active.link.nextGenerationStamp(ordered.block.b)
    const recover = ordered.ecPolicy ? recoverGroup : recoverBlock
    await recover(this.#recovery, service, { ...ordered, newGenStamp })
  }
}
