// Takes the NameNode's orders to make missing units, a few at a time; as Java's `ErasureCodingWorker`.
import type { BlockECReconstructionCommandProto } from '@cairn/hadoop-proto'
import type { TransferContext } from '../transfer/transfer-context.ts'
import {
  type ReconstructionOrder,
  reconstructGroup,
  reconstructionOrder,
  xmitsOf,
} from './reconstruct-group.ts'
import {
  type ReconstructionOptions,
  reconstructionBufferBytesDefault,
  reconstructionReadTimeoutMsDefault,
  reconstructionsMaxDefault,
  reconstructionXmitsWeightDefault,
} from './reconstruction-options.ts'

export class ReconstructionWorker {
  readonly #context: TransferContext
  readonly #options: ReconstructionOptions
  readonly #stop = new AbortController()
  readonly #waiting: ReconstructionOrder[] = []
  #running = 0
  #xmits = 0

  constructor(context: TransferContext, options: ReconstructionOptions) {
    this.#context = context
    this.#options = options
  }

  /** What the orders that wait or run count as in heartbeats. */
  get xmits(): number {
    return this.#xmits
  }

  /** Takes the orders of one command. One that makes no sense, or has nothing to be made, is logged. */
  take(command: BlockECReconstructionCommandProto): void {
    for (const info of command.blockECReconstructioninfo) {
      const blockGroup = info.block.blockId
      try {
        const order = reconstructionOrder(info)
        if (order.targets.length === 0) {
          this.#context.logger.warn(
            { blockGroup },
            'the NameNode ordered to reconstruct a group that lacks nothing',
          )
          continue
        }
        this.#xmits += this.#xmitsOf(order)
        this.#waiting.push(order)
      } catch (error) {
        this.#context.logger.warn(
          { blockGroup, error: (error as Error).message },
          'cannot do what the NameNode ordered: reconstruct a group',
        )
      }
    }
    this.#next()
  }

  close(): void {
    this.#waiting.length = 0
    this.#stop.abort(new Error('reconstruct a block group: this DataNode stops'))
  }

  #xmitsOf(order: ReconstructionOrder): number {
    return xmitsOf(order, this.#options.reconstructionXmitsWeight ?? reconstructionXmitsWeightDefault)
  }

  #next(): void {
    const most = Math.max(1, this.#options.reconstructionsMax ?? reconstructionsMaxDefault)
    while (this.#running < most && !this.#stop.signal.aborted) {
      const order = this.#waiting.shift()
      if (!order) return
      this.#running++
      void this.#run(order).finally(() => {
        this.#running--
        this.#xmits -= this.#xmitsOf(order)
        this.#next()
      })
    }
  }

  async #run(order: ReconstructionOrder): Promise<void> {
    const { logger } = this.#context
    const blockGroup = order.group.block.blockId
    const startedMs = performance.now()
    try {
      const units = await reconstructGroup(this.#context, order, {
        bufferBytes: this.#options.reconstructionBufferBytes ?? reconstructionBufferBytesDefault,
        timeoutMs: this.#options.reconstructionReadTimeoutMs ?? reconstructionReadTimeoutMsDefault,
        signal: this.#stop.signal,
      })
      const ms = Math.round(performance.now() - startedMs)
      logger.info({ blockGroup, units, ms }, 'reconstructed units of a block group')
    } catch (error) {
      logger.warn({ blockGroup, error: (error as Error).message }, 'could not reconstruct a block group')
    }
  }
}
