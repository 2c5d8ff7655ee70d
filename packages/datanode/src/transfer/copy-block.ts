import { type OpCopyBlockProto, Status } from '@cairn/hadoop-proto'
import { BlockSender } from './block-sender.ts'
import { poolOf, RefusedError, refuse } from './refuse.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

/** What Java's DataNode sends after a copy, to say that it has let go of everything: the character `d` in UTF-16. */
const releasedMark = new Uint8Array([0, 0x64])

/** COPY_BLOCK: the balancer's new home of a replica fetches it here. */
export class CopyBlockOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #request: OpCopyBlockProto

  constructor(link: TransferLink, request: OpCopyBlockProto) {
    this.#link = link
    this.#request = request
  }

  start(): void {
    const { connection, context } = this.#link
    const { block } = this.#request.header
    let sender: BlockSender
    try {
      const replica = poolOf(context, block.poolId).require(block)
      sender = new BlockSender(replica, {
        offset: 0,
        length: Math.max(0, replica.visibleLength),
        sendChecksums: true,
        version: this.#link.version,
      })
    } catch (error) {
      refuse(this.#link, 'COPY_BLOCK', error)
      return
    }
    if (!context.balancerMoves.take()) {
      sender.close()
      const found = `${context.balancerMoves.used} blocks are on the move, which is the limit`
      refuse(this.#link, 'COPY_BLOCK', new RefusedError(Status.ERROR, found))
      return
    }
    connection.write(sender.session.response('COPY_BLOCK'))
    sender
      .send(connection, {
        progress: () => this.#link.touch(),
        throttle: context.balanceThrottle,
        activity: context.activity,
      })
      .then(
        () => {
          connection.write(releasedMark)
          this.#link.end()
        },
        (error: Error) => this.#link.fail(error),
      )
      .finally(() => {
        context.balancerMoves.release()
        sender.close()
      })
  }

  receive(): void {
    // Nothing follows on this connection.
  }

  ended(): boolean {
    return true
  }

  closed(): void {
    // The sender notices by itself.
  }
}
