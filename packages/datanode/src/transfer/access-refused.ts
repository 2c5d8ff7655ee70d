import { Status } from '@cairn/hadoop-proto'
import type { Operation } from '@cairn/hdfs-protocol'
import { xferAddress } from './pipeline-mirror.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

/**
 * An operation whose block token does not allow it: answered as Java does, then the connection ends. Another DataNode
 * gets no answer to a write, whatever becomes of it [token.check.5].
 */
export class AccessRefusedOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #operation: Operation
  readonly #reason: string

  constructor(link: TransferLink, operation: Operation, reason: string) {
    this.#link = link
    this.#operation = operation
    this.#reason = reason
  }

  start(): void {
    const { connection, context, peer, version } = this.#link
    const { name, request } = this.#operation
    context.logger.warn({ peer, operation: name, reason: this.#reason }, 'refused a block token')
    if (name !== 'WRITE_BLOCK') {
      connection.write(version.encodeResponse(name, { status: Status.ERROR_ACCESS_TOKEN }))
    } else if (request.header.clientName !== '') {
      const firstBadLink = xferAddress(context.identity(request.header.baseHeader.block.poolId))
      connection.write(version.encodeResponse(name, { status: Status.ERROR_ACCESS_TOKEN, firstBadLink }))
    }
    this.#link.end()
  }

  receive(): void {
    // The answer ends the connection; what still comes is not read.
  }

  ended(): boolean {
    return true
  }

  closed(): void {
    // Nothing was begun.
  }
}
