/**
 * The writer's half of one WRITE_BLOCK pipeline (Java: `DataStreamer`). The bytes are in `OutgoingPackets`, which
 * outlives this session.
 *
 *     we                                  first DataNode (and through it the others)
 *     WRITE_BLOCK(stage, targets)  ->
 *                                  <-     answer, when the whole pipeline stands
 *     packets                      ->
 *                                  <-     an acknowledgement for each, in order, a reply for each node
 *     the empty last packet        ->
 *                                  <-     its acknowledgement
 *
 * With stage PIPELINE_CLOSE_RECOVERY all data was acknowledged before: the answer alone finishes the block, and no packet
 * is sent.
 *
 *     setup --success--> streaming --last packet acknowledged--> finished
 *       '----refused----> failed <----bad reply----'
 */
import { ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import { type OpWriteBlockProto, OpWriteBlockProto_BlockConstructionStage, Status } from '@cairn/hadoop-proto'
import { assertLocal } from './assert-local.ts'
import type { DataTransferVersion } from './data-transfer-version.ts'
import { responseBytesMax } from './limits.ts'
import type { OutgoingPackets } from './outgoing-packets.ts'
import { packetHeadOf } from './packet-head.ts'
import { heartbeatSeqno } from './packet-header.ts'
import { isRestart, type PipelineAck, unknownSeqno } from './pipeline-ack.ts'
import { type Refusal, refusalOf } from './response.ts'

/** What `next()` found. */
export type BlockWriteEvent =
  /** The pipeline stands: `takeOutput()` has packets from now on. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** All nodes have everything up to `bytesAcked` in the block. */
  | { readonly kind: 'acked'; readonly seqno: number; readonly bytesAcked: number }
  /** Node `nodeIndex` of the pipeline (0 = nearest) failed; `restarting`: it said that it will be back. */
  | {
      readonly kind: 'failed'
      readonly nodeIndex: number
      readonly status: number
      readonly restarting: boolean
    }
  | { readonly kind: 'finished' }

type State = 'setup' | 'streaming' | 'finished' | 'failed'

export class BlockWriteClientSession {
  readonly input: ReceiveBuffer
  readonly #packets: OutgoingPackets
  readonly #version: DataTransferVersion
  readonly #pipelineSize: number
  readonly #eager: boolean
  readonly #onlyCloses: boolean
  #state: State = 'setup'
  #output: Uint8Array[]

  /**
   * `request.targets` are the nodes after the one this session talks to. `packets` must have nothing in flight.
   * `input` may be the connection's own, empty. `eager` sends packets that are ready right behind the operation: the
   * node reads them when the pipeline stands, and a refused one costs nothing but these bytes.
   */
  constructor(
    request: OpWriteBlockProto,
    packets: OutgoingPackets,
    input?: ReceiveBuffer,
    options: { readonly eager?: boolean | undefined } = {},
  ) {
    this.#eager = options.eager ?? false
    this.input = input ?? new ReceiveBuffer({ initialBytes: 4096, maxBytes: 2 * responseBytesMax })
    this.#packets = packets
    this.#version = packets.version
    this.#pipelineSize = request.targets.length + 1
    this.#onlyCloses =
      packets.version.namesStages &&
      request.stage === OpWriteBlockProto_BlockConstructionStage.PIPELINE_CLOSE_RECOVERY
    this.#output = [packets.version.encodeOperation('WRITE_BLOCK', request)]
  }

  /** True when the last packet was acknowledged by all nodes. */
  get finished(): boolean {
    return this.#state === 'finished'
  }

  /** Frames to send, in order. They must stay untouched until their packet is acknowledged. */
  takeOutput(): Uint8Array[] {
    const output = this.#output
    this.#output = []
    const sendsEarly = this.#eager && this.#state === 'setup' && !this.#onlyCloses
    const sends = this.#state === 'streaming' || sendsEarly
    if (!sends) return output
    for (let packet = this.#packets.takeReady(); packet !== undefined; packet = this.#packets.takeReady()) {
      output.push(packet.frame)
    }
    return output
  }

  /** Queues a packet that only shows that the writer lives; nothing while the pipeline does not stand. */
  heartbeat(): void {
    if (this.#state !== 'streaming') return
    const header = {
      offsetInBlock: 0,
      seqno: heartbeatSeqno,
      lastPacketInBlock: false,
      dataLen: 0,
      syncBlock: false,
    }
    this.#output.push(packetHeadOf(this.#version.packets, header, new Uint8Array(0)))
  }

  /** The next event in `input`; undefined when more bytes are needed or all is said. Throws `ProtocolError` only. */
  next(): BlockWriteEvent | undefined {
    if (this.#state === 'setup') return this.#nextResponse()
    while (this.#state === 'streaming') {
      const ack = this.#version.takeAck(this.input)
      if (ack === undefined) return undefined
      const event = this.#eventOf(ack)
      if (event !== undefined) return event
    }
    return undefined
  }

  #nextResponse(): BlockWriteEvent | undefined {
    const response = this.#version.takeResponse('WRITE_BLOCK', this.input)
    if (response === undefined) return undefined
    const refusal = refusalOf(response)
    if (refusal !== undefined) {
      this.#state = 'failed'
      return { kind: 'refused', refusal }
    }
    this.#state = 'streaming'
    if (!this.#onlyCloses) return { kind: 'ready' }
    const last = this.#packets.takeReady()
    if (last !== undefined) this.#packets.acknowledge(last.seqno)
    assertLocal(last?.lastPacketInBlock === true, 'only the last packet is left to a close recovery')
    this.#state = 'finished'
    return { kind: 'finished' }
  }

  #eventOf(ack: PipelineAck): BlockWriteEvent | undefined {
    if (ack.replies.length === 0 || ack.replies.length > this.#pipelineSize) {
      throw this.#wrongReplies(ack)
    }
    // The node farthest down that complains is the culprit: those before it only pass its failure on.
    const nodeIndex = ack.replies.findLastIndex((reply) => reply.status !== Status.SUCCESS)
    if (nodeIndex >= 0) return this.#failure(ack, nodeIndex)
    if (ack.seqno === heartbeatSeqno || ack.seqno === unknownSeqno) return undefined
    if (ack.replies.length !== this.#pipelineSize) throw this.#wrongReplies(ack)
    const packet = this.#packets.acknowledge(ack.seqno)
    if (!packet.lastPacketInBlock) {
      return { kind: 'acked', seqno: ack.seqno, bytesAcked: this.#packets.bytesAcked }
    }
    this.#state = 'finished'
    return { kind: 'finished' }
  }

  #failure(ack: PipelineAck, nodeIndex: number): BlockWriteEvent {
    this.#state = 'failed'
    const status = ack.replies[nodeIndex]!.status
    return { kind: 'failed', nodeIndex, status, restarting: isRestart(status) }
  }

  /** [xfer.ack.3] */
  #wrongReplies(ack: PipelineAck): ProtocolError {
    return new ProtocolError(
      'ERR_XFER_ACK_REPLIES',
      `read an acknowledgement: found ${ack.replies.length} replies for seqno ${ack.seqno}; the pipeline has ${this.#pipelineSize} nodes`,
      { path: 'PipelineAckProto.reply' },
    )
  }
}
