// Copies a replica to other DataNodes: on the NameNode's order, or for a client that replaces a node of its pipeline.
import { ReceiveBuffer } from '@cairn/bytes'
import {
  AccessModeProto,
  type BaseHeaderProto,
  type DatanodeInfoProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
} from '@cairn/hadoop-proto'
import {
  type DataTransferVersion,
  dataTransfer28,
  encodeChecksumFormat,
  formatRefusal,
  refusalOf,
} from '@cairn/hdfs-protocol'
import type { Connection } from '@cairn/transport'
import { idlePerMirrorMs } from '../limits.ts'
import { formatReplica, type Replica } from '../storage/replica.ts'
import { BlockSender } from './block-sender.ts'
import { connectDatanode } from './connect-datanode.ts'
import type { TransferContext } from './transfer-context.ts'

export interface SendReplicaOptions {
  readonly blockPoolId: string
  readonly targets: readonly DatanodeInfoProto[]
  readonly targetStorageTypes: readonly number[]
  readonly targetStorageIds: readonly string[]
  /** Empty for a copy between DataNodes, which is not acknowledged. */
  readonly clientName: string
  readonly stage: number
  /** What the targets speak. Default version 28. */
  readonly version?: DataTransferVersion | undefined
}

/** Sends the replica to the first target, which passes it on. Rejects when the first target does not get it all. */
export async function sendReplica(
  context: TransferContext,
  replica: Replica,
  options: SendReplicaOptions,
): Promise<void> {
  const target = options.targets[0]
  if (!target) throw new Error(`copy ${formatReplica(replica)}: found no target`)
  const length = replica.visibleLength
  const { version = dataTransfer28 } = options
  const sender = new BlockSender(replica, {
    offset: 0,
    length: Math.max(0, length),
    sendChecksums: true,
    version,
  })
  try {
    const timeoutMs = context.idleMs + idlePerMirrorMs(context.idleMs) * options.targets.length
    const block = {
      poolId: options.blockPoolId,
      blockId: replica.blockId,
      generationStamp: replica.generationStamp,
      numBytes: BigInt(length),
    }
    // Whoever asked for the copy was allowed to; the targets know this node, not him [token.own.1].
    const token = context.security.makeToken(block, {
      modes: [AccessModeProto.WRITE],
      storageTypes: options.targetStorageTypes,
      storageIds: options.targetStorageIds,
    })
    const connection = await connectDatanode(context, {
      node: target.id,
      block,
      token,
      timeoutMs,
      highWaterBytes: 1,
    })
    const conversation = new CopyConversation(connection, version, timeoutMs, options.clientName !== '')
    const request = copyRequest(context, { block, token }, sender, options)
    connection.write(version.encodeOperation('WRITE_BLOCK', request))
    await Promise.race([
      sender.send(connection, { progress: () => conversation.touch() }).then(() => conversation.finish()),
      conversation.broken,
    ])
  } finally {
    sender.close()
  }
}

function copyRequest(
  context: TransferContext,
  baseHeader: BaseHeaderProto,
  sender: BlockSender,
  options: SendReplicaOptions,
) {
  return {
    header: { baseHeader, clientName: options.clientName },
    targets: options.targets.slice(1),
    source: { id: context.identity(options.blockPoolId) },
    stage: options.stage,
    pipelineSize: 0,
    minBytesRcvd: 0n,
    maxBytesRcvd: 0n,
    latestGenerationStamp: 0n,
    requestedChecksum: encodeChecksumFormat(sender.session.format),
    cachingStrategy: {},
    storageType: options.targetStorageTypes[0],
    targetStorageTypes: options.targetStorageTypes.slice(1),
    allowLazyPersist: false,
    pinning: false,
    targetPinnings: [],
    storageId: options.targetStorageIds[0],
    targetStorageIds: options.targetStorageIds.slice(1),
  }
}

/** The other half of a copy: an answer at the end when a client asked for the copy, otherwise just the close. */
class CopyConversation {
  /** Rejects when the target closes or falls silent before the copy is through. */
  readonly broken: Promise<never>
  readonly #connection: Connection
  readonly #version: DataTransferVersion
  readonly #input = new ReceiveBuffer({ maxBytes: 2 * 1024 * 1024 })
  readonly #answers: boolean
  #touched = true
  #reject: (error: Error) => void = () => {}
  #answer: ((error?: Error) => void) | undefined
  readonly #timer: NodeJS.Timeout

  constructor(connection: Connection, version: DataTransferVersion, timeoutMs: number, answers: boolean) {
    this.#version = version
    this.#connection = connection
    this.#answers = answers
    this.broken = new Promise((_, reject) => {
      this.#reject = reject
    })
    this.broken.catch(() => {})
    this.#timer = setInterval(() => this.#check(timeoutMs), timeoutMs)
    connection.start({
      input: this.#input,
      onReceive: () => this.#receive(),
      onClose: (error) => this.#closed(error),
    })
  }

  touch(): void {
    this.#touched = true
  }

  /** All is sent: waits for the answer, or for the bytes to leave. */
  async finish(): Promise<void> {
    try {
      if (this.#answers) {
        await new Promise<void>((resolve, reject) => {
          this.#answer = (error) => (error ? reject(error) : resolve())
          this.#receive()
        })
      }
      this.#connection.end()
      if (!this.#answers) await this.#connection.done
    } finally {
      clearInterval(this.#timer)
      this.#connection.destroy()
    }
  }

  #receive(): void {
    if (!this.#answer) return
    const response = this.#version.takeResponse('WRITE_BLOCK', this.#input)
    if (!response) return
    const refusal = refusalOf(response)
    this.#answer(
      refusal && new Error(`copy a block to ${this.#connection.remoteAddress}: ${formatRefusal(refusal)}`),
    )
  }

  #check(timeoutMs: number): void {
    if (!this.#touched) {
      this.#connection.destroy(new Error(`copy a block: nothing moved for ${timeoutMs} ms`))
    }
    this.#touched = false
  }

  #closed(error: Error | undefined): void {
    clearInterval(this.#timer)
    const reason = error ?? new Error('copy a block: the target closed the connection')
    this.#answer?.(reason)
    if (error || this.#answers) this.#reject(reason)
  }
}

/** The stage that tells the receiver what the copy will become. */
export function transferStage(replica: Replica): number {
  return replica.state === 'FINALIZED' ? Stage.TRANSFER_FINALIZED : Stage.TRANSFER_RBW
}
