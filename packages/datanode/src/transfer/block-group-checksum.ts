// BLOCK_GROUP_CHECKSUM: the checksum of a block group, which one of its DataNodes collects from the others.
import { type OpBlockGroupChecksumProto, Status } from '@cairn/hadoop-proto'
import { encodeBlockOpResponse } from '@cairn/hdfs-protocol'
import { groupChecksum } from '../erasure-coding/group-checksum.ts'
import { refuse } from './refuse.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

export class BlockGroupChecksumOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #request: OpBlockGroupChecksumProto
  readonly #stop = new AbortController()

  constructor(link: TransferLink, request: OpBlockGroupChecksumProto) {
    this.#link = link
    this.#request = request
  }

  start(): void {
    this.#link.allowSilence(0)
    groupChecksum(this.#link.context, this.#request, this.#stop.signal).then(
      (checksumResponse) => {
        this.#link.connection.write(encodeBlockOpResponse({ status: Status.SUCCESS, checksumResponse }))
        this.#link.finish()
      },
      (error) => refuse(this.#link, 'BLOCK_GROUP_CHECKSUM', error),
    )
  }

  receive(): void {
    // What comes before the answer is the next operation; it waits in the input.
  }

  ended(): boolean {
    return true
  }

  closed(error: Error): void {
    this.#stop.abort(error)
  }
}
