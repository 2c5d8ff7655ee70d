/**
 * `PipelineAckProto`: travels up the pipeline, one for each packet, with one status for each DataNode below the
 * receiver, nearest first (Java: `PipelineAck`). Since 2.6 each status comes a second time in a flag word with hints:
 *
 *     bit 0–3 status | 4 reserved | 5–6 ECN (congestion) | 7–8 SLOW
 *
 * Where flags are present they count, as in Java [xfer.ack.2].
 */
import { ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import { PipelineAckProto, Status } from '@cairn/hadoop-proto'
import { encodeDelimited, takeDelimited } from './delimited.ts'
import { pipelineAckBytesMax } from './limits.ts'

/** Sequence number of an acknowledgement that answers no packet (Java: `PipelineAck.UNKOWN_SEQNO`). */
export const unknownSeqno = -2

/** What one DataNode says about one packet. */
export interface NodeReply {
  /** A `Status` number. */
  readonly status: number
  /** The node asks to be sent less. */
  readonly congested: boolean
  /** The node found the one below it slow. */
  readonly slow: boolean
}

/** One acknowledgement. */
export interface PipelineAck {
  /** The packet's; `heartbeatSeqno` for heartbeats; `unknownSeqno` for out-of-band ones. */
  readonly seqno: number
  /** Nearest node first. */
  readonly replies: readonly NodeReply[]
  /** How long the nodes below took for their acknowledgements, nanoseconds; since 2.0.2-alpha. */
  readonly downstreamAckTimeNanos?: bigint | undefined
  /** False: there are no flag words, as before 2.6. Default true. */
  readonly flagged?: boolean | undefined
}

const ecnCongested = 3
const slowSet = 2

function replyOfFlag(flag: number): NodeReply {
  return {
    status: flag & 0xf,
    congested: ((flag >> 5) & 3) === ecnCongested,
    slow: ((flag >> 7) & 3) === slowSet,
  }
}

function flagOfReply(reply: NodeReply): number {
  return reply.status | (reply.congested ? ecnCongested << 5 : 0) | (reply.slow ? slowSet << 7 : 0)
}

/** The reply of a node that has the packet and nothing to add. */
export const successReply: NodeReply = { status: Status.SUCCESS, congested: false, slow: false }

/** A reply with this status and no hints. */
export function replyOfStatus(status: number): NodeReply {
  return status === Status.SUCCESS ? successReply : { status, congested: false, slow: false }
}

/** An acknowledgement with its length before it. */
export function encodePipelineAck(ack: PipelineAck): Uint8Array {
  return encodeDelimited(PipelineAckProto, {
    seqno: BigInt(ack.seqno),
    reply: ack.replies.map((reply) => reply.status),
    downstreamAckTimeNanos: ack.downstreamAckTimeNanos,
    flag: (ack.flagged ?? true) ? ack.replies.map(flagOfReply) : [],
  })
}

/** Takes an acknowledgement from the front; undefined while it is not all here. */
export function takePipelineAck(input: ReceiveBuffer): PipelineAck | undefined {
  const message = takeDelimited(input, PipelineAckProto, pipelineAckBytesMax, 'a pipeline acknowledgement')
  if (message === undefined) return undefined
  const seqno = Number(message.seqno)
  if (!Number.isSafeInteger(seqno)) {
    throw new ProtocolError('ERR_XFER_ACK_SEQNO', `read an acknowledgement: found seqno ${message.seqno}`, {
      path: 'PipelineAckProto.seqno',
    })
  }
  const replies = message.reply.map((status, index) => {
    const flag = message.flag[index]
    return flag === undefined ? replyOfStatus(status) : replyOfFlag(flag)
  })
  const { downstreamAckTimeNanos } = message
  // [xfer.ack.6]
  if (message.flag.length === 0) return { seqno, replies, downstreamAckTimeNanos, flagged: false }
  return { seqno, replies, downstreamAckTimeNanos }
}

/** Whether the status announces that the DataNode restarts and will be back (`OOB_RESTART`). */
export function isRestart(status: number): boolean {
  return status === Status.OOB_RESTART
}
