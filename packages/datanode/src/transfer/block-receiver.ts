// Receives one block's packets, as Java's `BlockReceiver` and `PacketResponder`:
//
//     packet ─▶ verify ─▶ pass on to the mirror ─▶ write data, checksums ─▶ (sync) ─┐
//                                └────── mirror's acknowledgement ──────────────────┴─▶ acknowledge upstream
//
// A packet is acknowledged when it is written here and acknowledged below, in order. What was acknowledged is in the
// files, so it outlives a kill of this process. All packets of one read are written together.
import { kernel } from '@cairn/checksum'
import { Status } from '@cairn/hadoop-proto'
import {
  type BlockWriteServerSession,
  type ChecksumFormat,
  type Packet,
  type PipelineAck,
  replyOfStatus,
  successReply,
  unknownSeqno,
} from '@cairn/hdfs-protocol'
import { formatReplica, type Replica, type ReplicaWork } from '../storage/replica.ts'
import type { ReplicaWriter } from '../storage/replica-writer.ts'
import type { PipelineMirror } from './pipeline-mirror.ts'
import { isDiskFull } from './refuse.ts'
import type { TransferLink } from './transfer-link.ts'

/** A packet that waits for its acknowledgement. */
interface PendingPacket {
  readonly seqno: number
  /** Where its data ends in the block. */
  readonly end: number
  readonly last: boolean
  /** Written here, and durable if it asked for that. */
  local: boolean
  /** What this node says of it; anything but SUCCESS ends the operation when its turn has come. */
  status: number
  /** The mirror's answer. */
  downstream: PipelineAck | undefined
  /** The last packet: the replica is complete. */
  completed: boolean
}

function pendingPacket(packet: Packet, status: number = Status.SUCCESS): PendingPacket {
  const { header, data } = packet
  return {
    seqno: header.seqno,
    end: header.offsetInBlock + data.length,
    last: header.lastPacketInBlock,
    local: false,
    status,
    downstream: undefined,
    completed: false,
  }
}

/** Having received so much, more is expected: many packets are then read, and written, at once. */
const largeBytes = 256 * 1024
/** Room for one read of a large block. */
const readAheadBytes = 512 * 1024
/** Packets from here on are read one by one, so that none has to be moved; smaller ones come many at once. */
const largePacketBytesMin = 192 * 1024
/** Beyond this, room is made as bytes come, not as a header promises them. */
const largePacketBytesMax = 1024 * 1024

export interface BlockReceiverOptions {
  readonly link: TransferLink
  readonly session: BlockWriteServerSession
  readonly writer: ReplicaWriter
  readonly mirror: PipelineMirror | undefined
  /** Whether the sender wants acknowledgements: clients do, DataNodes do not. */
  readonly acknowledges: boolean
  readonly syncOnClose: boolean
  /** All bytes are here, and below: complete the replica; with a promise when that includes waiting for the disk. */
  complete(): Promise<void> | undefined
  /** The last acknowledgement is on its way. */
  done(): void
  /** A packet does not fit its checksums. */
  corrupt(): void
  /** Receiving ended without the whole block. */
  abandoned(): void
}

export class BlockReceiver implements ReplicaWork {
  readonly #options: BlockReceiverOptions
  readonly #replica: Replica
  /** The sender's checksums are not the replica's: they are verified, then computed anew. */
  readonly #translates: boolean
  #mirror: PipelineMirror | undefined
  #mirrorBroken = false
  #pending: PendingPacket[] = []
  /** A packet could not be taken: nothing is received after it. */
  #refusing = false
  #stopped = false
  /** Where the replica ended when the sender began. */
  readonly #start: number
  #large = false
  /** Length of the newest packet: the next one is mostly as long. */
  #packetBytes = 0

  constructor(options: BlockReceiverOptions) {
    this.#options = options
    this.#replica = options.writer.replica
    this.#mirror = options.mirror
    this.#start = options.session.position
    this.#translates = !sameFormat(options.session.format, options.writer.checksum)
    this.#replica.work = this
    options.mirror?.start({
      acknowledged: (ack) => this.#acknowledgedBelow(ack),
      broken: (error) => this.#mirrorBroke(error),
    })
  }

  /** True once the last packet is here. */
  get received(): boolean {
    return this.#options.session.finished
  }

  /** Takes every packet that is all here. */
  receive(): void {
    if (this.#stopped || this.#refusing) return
    const { session } = this.#options
    const fresh: PendingPacket[] = []
    let syncs = false
    let corrupt: PendingPacket | undefined
    for (let packet = session.next(); packet; packet = session.next()) {
      const { header } = packet
      if (!this.#verify(packet)) {
        this.#options.corrupt()
        // The sender hears of it when its turn has come.
        corrupt = pendingPacket(packet, Status.ERROR_CHECKSUM)
        break
      }
      if (!this.#mirrorBroken) this.#passOn(packet)
      if (packet.data.length > 0) this.#add(packet)
      syncs ||= header.syncBlock || (header.lastPacketInBlock && this.#options.syncOnClose)
      this.#packetBytes = packet.frame.length
      fresh.push(pendingPacket(packet))
    }
    this.#options.link.connection.readAtMost = this.#restOfPacket()
    if (!this.#large && session.position - this.#start > largeBytes) {
      this.#large = true
      this.#options.link.readAhead(readAheadBytes)
    }
    const mirrored = this.#mirror?.flush()
    // The receive buffer may be used again when the mirror's connection has taken the packets.
    if (mirrored) this.#options.link.hold(mirrored)
    this.#pending.push(...fresh)
    if (fresh.length > 0 && this.#flush(fresh[0]!)) {
      if (syncs) this.#sync(fresh)
      else this.#written(fresh)
    }
    if (corrupt) {
      this.#refusing = true
      this.#pending.push(corrupt)
      this.#settle()
    }
  }

  /** How much of a large packet is still to come; 0 where packets are small. */
  #restOfPacket(): number {
    const { session } = this.#options
    const { length } = session.input
    const whole = session.frameBytes || this.#packetBytes
    if (whole < largePacketBytesMin || whole > largePacketBytesMax || whole <= length) return 0
    return whole - length
  }

  #passOn({ header, frame }: Packet): void {
    this.#mirror?.write(frame)
    const { endMark } = this.#options.session
    if (header.lastPacketInBlock && endMark.length > 0) this.#mirror?.writeMark(endMark)
  }

  /** False when the disk refused: the first packet of the batch carries that to the sender in its turn. */
  #flush(first: PendingPacket): boolean {
    try {
      this.#options.writer.flush()
      return true
    } catch (error) {
      this.#log('could not write a block', error)
      if (isDiskFull(error)) this.#options.link.context.events.full()
      this.#refusing = true
      first.status = Status.ERROR
      this.#settle()
      return false
    }
  }

  /**
   * Leaves the pipeline; the replica stays as it is for the writer's next one. With `restartUntilMs` the writer hears
   * that this node comes back ([xfer.ack.4]).
   */
  leave(restartUntilMs: number | undefined): void {
    if (this.#stopped) return
    const { link, session } = this.#options
    if (restartUntilMs !== undefined) {
      this.#replica.slice.keepForRestart(this.#replica, restartUntilMs)
      link.connection.write(session.ack(unknownSeqno, replyOfStatus(Status.OOB_RESTART)))
    }
    this.#give()
  }

  /** Nothing is written after this; the connection ends. */
  stop(reason: string): void {
    if (this.#stopped) return
    this.#end()
    this.#options.abandoned()
    this.#options.link.fail(new Error(`write ${formatReplica(this.#replica)}: ${reason}`))
  }

  /** The upstream connection is gone. */
  closed(): void {
    if (this.#stopped) return
    this.#end()
    this.#options.abandoned()
  }

  #end(): void {
    this.#stopped = true
    this.#count(false)
    this.#mirror?.destroy()
    this.#options.writer.close()
    if (this.#replica.work === this) this.#replica.work = undefined
  }

  /**
   * False for a packet that does not fit its checksums. Every node looks, not only the last as with Java: what is bad is
   * then refused where it came in, and the node that made it bad is known ([xfer.write.7]).
   */
  #verify(packet: Packet): boolean {
    const bad = this.#options.session.verify(packet, kernel)
    if (bad === -1) return true
    const { offsetInBlock } = packet.header
    this.#log(
      'received a corrupt packet',
      new Error(`packet at ${offsetInBlock}: chunk ${bad} does not fit its checksum`),
    )
    return false
  }

  #add(packet: Packet): void {
    const { offsetInBlock } = packet.header
    if (this.#translates) this.#options.writer.addComputed(offsetInBlock, packet.data)
    else this.#options.writer.add({ offsetInBlock, data: packet.data, checksums: packet.checksums })
  }

  #sync(packets: readonly PendingPacket[]): void {
    const { link } = this.#options
    link.allowSilence(0)
    this.#options.writer.sync().then(
      () => {
        link.allowSilence(link.context.idleMs)
        if (!this.#stopped) this.#written(packets)
      },
      (error) => this.#failed(error),
    )
  }

  #written(packets: readonly PendingPacket[]): void {
    for (const packet of packets) packet.local = true
    this.#settle()
  }

  #acknowledgedBelow(ack: PipelineAck): void {
    if (ack.seqno === unknownSeqno) {
      // A node below is about to restart: the writer has to know ([xfer.ack.5]).
      const { link, session, acknowledges } = this.#options
      if (acknowledges) link.connection.write(session.ack(unknownSeqno, successReply, ack))
      return
    }
    const waiting = this.#pending.find((packet) => packet.downstream === undefined)
    if (!waiting || waiting.seqno !== ack.seqno) {
      this.#mirrorBroke(
        new Error(`pass a block on: found an acknowledgement of ${ack.seqno}, wanted ${waiting?.seqno}`),
      )
      return
    }
    if (ack.replies[0]?.status === Status.ERROR_CHECKSUM) {
      // What left here was good for the client and bad below: this node is the bad one, and says so by dying.
      this.#failed(new Error('the node below received corrupt packets from this one'))
      return
    }
    waiting.downstream = ack
    this.#settle()
  }

  #mirrorBroke(error: Error): void {
    if (this.#stopped || this.#mirrorBroken) return
    this.#options.link.context.logger.info(
      { block: formatReplica(this.#replica), mirror: this.#mirror?.address, error: error.message },
      'lost the next node of a pipeline',
    )
    this.#mirrorBroken = true
    this.#mirror?.destroy()
    this.#settle()
  }

  /** Acknowledges from the front everything that is done here and below. */
  #settle(): void {
    try {
      while (this.#pending.length > 0 && !this.#stopped) {
        const packet = this.#pending[0]!
        if (packet.status !== Status.SUCCESS) {
          this.#acknowledge(packet.seqno, packet.status)
          this.#give()
          return
        }
        if (!packet.local || (this.#expectsBelow() && !packet.downstream)) return
        if (!this.#settleOne(packet)) return
        this.#pending.shift()
      }
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Copies from DataNodes get no acknowledgements from below either. */
  #expectsBelow(): boolean {
    return this.#options.acknowledges && this.#mirror !== undefined && !this.#mirrorBroken
  }

  /** False when the packet stays: it waits for the disk, or the pipeline has failed below and is set up anew. */
  #settleOne(packet: PendingPacket): boolean {
    const { session, link, acknowledges } = this.#options
    const below = packet.downstream
    const good = !acknowledges || (!this.#mirrorBroken && allSucceeded(below))
    if (good && packet.last && !packet.completed) {
      packet.completed = true
      const completing = this.#options.complete()
      if (completing) {
        this.#awaitDisk(packet, completing)
        return false
      }
    }
    if (good && packet.end > this.#replica.bytesAcked) this.#replica.bytesAcked = packet.end
    if (acknowledges) {
      const lost = this.#mirrorBroken && below === undefined
      link.connection.write(
        lost
          ? session.ackMirrorFailed(packet.seqno, successReply)
          : session.ack(packet.seqno, successReply, below),
      )
    }
    if (packet.last && good) this.#finish()
    return good
  }

  #awaitDisk(packet: PendingPacket, completing: Promise<void>): void {
    packet.local = false
    completing.then(
      () => this.#written([packet]),
      (error) => this.#failed(error),
    )
  }

  #count(whole: boolean): void {
    const { session, link } = this.#options
    link.context.activity.taken(session.position - this.#start, whole)
  }

  #finish(): void {
    this.#stopped = true
    this.#count(true)
    this.#mirror?.end()
    this.#options.writer.close()
    this.#options.done()
  }

  #acknowledge(seqno: number, status: number): void {
    if (!this.#options.acknowledges) return
    const { session, link } = this.#options
    link.connection.write(session.ack(seqno, replyOfStatus(status)))
    link.connection.flush()
  }

  #failed(error: unknown): void {
    if (this.#stopped) return
    this.#log('gave up receiving a block', error)
    this.#give()
  }

  /** Ends the connection after what was written to it has left. */
  #give(): void {
    this.#end()
    this.#options.abandoned()
    this.#options.link.end()
  }

  #log(message: string, error: unknown): void {
    const { link } = this.#options
    const reason = error instanceof Error ? error.message : String(error)
    link.context.logger.warn({ block: formatReplica(this.#replica), peer: link.peer, error: reason }, message)
  }
}

function allSucceeded(below: PipelineAck | undefined): boolean {
  return below === undefined || below.replies.every((reply) => reply.status === Status.SUCCESS)
}

function sameFormat(a: ChecksumFormat, b: ChecksumFormat): boolean {
  return a.type === b.type && a.bytesPerChecksum === b.bytesPerChecksum
}
