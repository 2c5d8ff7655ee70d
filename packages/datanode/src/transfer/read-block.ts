import { type OpReadBlockProto, Status } from '@cairn/hadoop-proto'
import { formatStatus, isReadSuccess } from '@cairn/hdfs-protocol'
import type { Replica } from '../storage/replica.ts'
import { BlockSender } from './block-sender.ts'
import { isCorruption, lengthOf, poolOf, refuse } from './refuse.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

/**
 * READ_BLOCK: answer, packets, then the reader's closing status.
 *
 * The reader verifies; this node passes on what is stored. When the reader finds damage the replica is looked
 * through here, and reported only if it is damaged here: the fault may have been on the way.
 */
export class ReadBlockOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #request: OpReadBlockProto
  #sender: BlockSender | undefined
  #replica: Replica | undefined
  #sent = false

  constructor(link: TransferLink, request: OpReadBlockProto) {
    this.#link = link
    this.#request = request
  }

  get #poolId(): string {
    return this.#request.header.baseHeader.block.poolId
  }

  start(): void {
    const { block } = this.#request.header.baseHeader
    const { connection, context } = this.#link
    try {
      const store = poolOf(context, block.poolId)
      this.#replica = store.require(block)
      this.#sender = new BlockSender(this.#replica, {
        offset: lengthOf(this.#request.offset, 'OpReadBlockProto.offset'),
        length: lengthOf(this.#request.len, 'OpReadBlockProto.len'),
        sendChecksums: this.#request.sendChecksums ?? true,
        version: this.#link.version,
      })
    } catch (error) {
      if (isCorruption(error)) context.events.corrupt(block.poolId, this.#replica!, (error as Error).message)
      refuse(this.#link, 'READ_BLOCK', error)
      return
    }
    connection.write(this.#sender.session.response())
    const { activity } = context
    this.#sender.send(connection, { progress: () => this.#link.touch(), activity }).then(
      () => {
        this.#sent = true
        this.#sender?.close()
        this.receive()
      },
      (error) => this.#broke(error),
    )
  }

  receive(): void {
    if (!this.#sent) return
    const status = this.#link.version.takeReadStatus(this.#link.input)
    if (status === undefined) return
    if (!isReadSuccess(status)) {
      const { context, peer } = this.#link
      context.logger.warn(
        { peer, block: this.#request.header.baseHeader.block, status: formatStatus(status) },
        'a reader complained',
      )
      if (status === Status.ERROR_CHECKSUM) context.suspect(this.#poolId, this.#replica!)
    }
    this.#link.finish()
  }

  ended(): boolean {
    // A reader that did not verify has nothing to say in versions that close the connection anyway.
    const good = this.#sent && !this.#link.version.keepsConnections
    if (good) this.#link.finish()
    return good
  }

  closed(): void {
    this.#sender?.close()
  }

  #broke(error: unknown): void {
    this.#sender?.close()
    if (isCorruption(error)) {
      this.#link.context.events.corrupt(this.#poolId, this.#replica!, (error as Error).message)
    }
    // Packets are on their way: only the end of the connection can tell the reader to go to another replica.
    this.#link.fail(error instanceof Error ? error : new Error(String(error)))
  }
}
