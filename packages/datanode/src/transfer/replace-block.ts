// REPLACE_BLOCK: the balancer has this node fetch a replica from another one and tell the NameNode which of the old
// replicas may go. The balancer waits for one answer at the end; while the copy is under way it is kept patient.
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import { type OpReplaceBlockProto, Status } from '@cairn/hadoop-proto'
import {
  checkChecksumsLength,
  type DataTransferVersion,
  decodeChecksumFormat,
  formatRefusal,
  type Packet,
  refusalOf,
} from '@cairn/hdfs-protocol'
import type { Connection } from '@cairn/transport'
import { emptyToken } from '../security/empty-token.ts'
import { formatReplica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { ReplicaWriter } from '../storage/replica-writer.ts'
import { connectDatanode } from './connect-datanode.ts'
import { moveWithinNode } from './move-within-node.ts'
import { lengthOf, poolOf, RefusedError, refuse } from './refuse.ts'
import type { RunningOperation, TransferLink } from './transfer-link.ts'

/** How often the balancer is told that the copy goes on; it gives up after a minute of silence. */
const patienceMs = 20_000

export class ReplaceBlockOperation implements RunningOperation {
  readonly #link: TransferLink
  readonly #request: OpReplaceBlockProto
  #source: Connection | undefined

  constructor(link: TransferLink, request: OpReplaceBlockProto) {
    this.#link = link
    this.#request = request
  }

  start(): void {
    const { balancerMoves } = this.#link.context
    if (!balancerMoves.take()) {
      const found = `${balancerMoves.used} blocks are on the move, which is the limit`
      refuse(this.#link, 'REPLACE_BLOCK', new RefusedError(Status.ERROR, found))
      return
    }
    this.#link.allowSilence(0)
    const patience = setInterval(() => {
      this.#answer(Status.IN_PROGRESS)
    }, patienceMs)
    this.#move()
      .then(
        () => {
          this.#answer(Status.SUCCESS)
          this.#link.finish()
        },
        (error) => refuse(this.#link, 'REPLACE_BLOCK', error),
      )
      .finally(() => {
        balancerMoves.release()
        clearInterval(patience)
      })
  }

  #answer(status: number): void {
    this.#link.connection.write(this.#link.version.encodeResponse('REPLACE_BLOCK', { status }))
  }

  receive(): void {
    // The balancer waits.
  }

  ended(): boolean {
    return true
  }

  closed(): void {
    this.#source?.destroy()
  }

  async #move(): Promise<void> {
    const { context } = this.#link
    const { header, source, delHint } = this.#request
    const store = poolOf(context, header.block.poolId)
    if (source.id.datanodeUuid === context.storage.datanodeUuid)
      return moveWithinNode(context, store, this.#request)
    const token = header.token ?? emptyToken()
    this.#source = await connectDatanode(context, {
      node: source.id,
      block: header.block,
      token,
      timeoutMs: context.idleMs,
    })
    // Whoever moves blocks speaks what the nodes of its cluster speak.
    const { version } = this.#link
    const copy = new BlockCopy(this.#source, version, store, this.#request)
    this.#source.write(version.encodeOperation('COPY_BLOCK', { header: { ...header, token } }))
    try {
      const writer = await copy.received
      store.finalize(writer.replica)
      writer.close()
      context.events.received(header.block.poolId, writer.replica, delHint)
    } finally {
      this.#source.destroy()
    }
  }
}

/** Packets from the source into a temporary replica. */
class BlockCopy {
  readonly received: Promise<ReplicaWriter>
  readonly #version: DataTransferVersion
  readonly #store: ReplicaStore
  readonly #request: OpReplaceBlockProto
  readonly #input = new ReceiveBuffer({ maxBytes: 17 * 1024 * 1024 })
  #writer: ReplicaWriter | undefined
  #resolve: (writer: ReplicaWriter) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #finished = false
  /** A mark has ended the block. */
  #atEnd = false

  constructor(
    source: Connection,
    version: DataTransferVersion,
    store: ReplicaStore,
    request: OpReplaceBlockProto,
  ) {
    this.#version = version
    this.#store = store
    this.#request = request
    this.received = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    source.start({
      input: this.#input,
      onReceive: () => this.#receive(),
      onClose: (error) => this.#closed(error ?? new Error('fetch a block: the source closed the connection')),
    })
  }

  #receive(): void {
    this.#writer ??= this.#open()
    const writer = this.#writer
    if (!writer || this.#finished) return
    for (let packet = this.#takePacket(); packet; packet = this.#takePacket()) {
      checkChecksumsLength(packet, writer.checksum)
      const { type, bytesPerChecksum } = writer.checksum
      if (kernel.verify(type, packet.data, bytesPerChecksum, packet.checksums) !== -1) {
        throw new ReplicaError(
          'ERR_DN_REPLICA_CORRUPT',
          `fetch ${formatReplica(writer.replica)}: found a packet at ${packet.header.offsetInBlock} that does not fit its checksums`,
        )
      }
      writer.add({
        offsetInBlock: packet.header.offsetInBlock,
        data: packet.data,
        checksums: packet.checksums,
      })
      if (packet.header.lastPacketInBlock) {
        this.#finish(writer)
        return
      }
    }
    if (this.#atEnd) this.#finish(writer)
    else writer.flush()
  }

  /** Undefined when more must come, or an end mark did. */
  #takePacket(): Packet | undefined {
    const { packets } = this.#version
    this.#atEnd = packets.takeEndMark(this.#input)
    return this.#atEnd ? undefined : packets.take(this.#input)
  }

  #finish(writer: ReplicaWriter): void {
    writer.flush()
    this.#finished = true
    this.#resolve(writer)
  }

  /** The source's answer says how the block is checksummed. */
  #open(): ReplicaWriter | undefined {
    const response = this.#version.takeResponse('COPY_BLOCK', this.#input)
    if (!response) return undefined
    const refusal = refusalOf(response)
    if (refusal) throw new Error(`fetch a block: ${formatRefusal(refusal)}`)
    if (!response.readOpChecksumInfo)
      throw new Error('fetch a block: found an answer without checksum format')
    const { block } = this.#request.header
    return this.#store.createTemporary({
      blockId: block.blockId,
      generationStamp: block.generationStamp,
      expectedBytes: lengthOf(block.numBytes, 'ExtendedBlockProto.numBytes'),
      storageType: this.#request.storageType,
      checksum: decodeChecksumFormat(response.readOpChecksumInfo.checksum),
    })
  }

  #closed(error: Error): void {
    if (this.#finished) return
    this.#finished = true
    if (this.#writer) {
      this.#writer.close()
      this.#store.abandon(this.#writer.replica)
    }
    this.#reject(error)
  }
}
