import { ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import { BlockOpResponseProto, ClientReadStatusProto, Status } from '@cairn/hadoop-proto'
import { encodeDelimited, takeDelimited } from './delimited.ts'
import { readStatusBytesMax, responseBytesMax } from './limits.ts'
import { formatStatus } from './status.ts'

/** An answer to an operation (`BlockOpResponseProto`), with its length before it [xfer.response.1]. */
export function encodeBlockOpResponse(response: BlockOpResponseProto): Uint8Array {
  return encodeDelimited(BlockOpResponseProto, response)
}

/** Takes an answer from the front; undefined while it is not all here. */
export function takeBlockOpResponse(input: ReceiveBuffer): BlockOpResponseProto | undefined {
  return takeDelimited(input, BlockOpResponseProto, responseBytesMax, 'an answer to an operation')
}

/** What a reader sends when it has everything (`ClientReadStatusProto`), with its length before it. */
export function encodeReadStatus(status: number): Uint8Array {
  return encodeDelimited(ClientReadStatusProto, { status })
}

/** Takes a reader's closing status from the front; undefined while it is not all here. */
export function takeReadStatus(input: ReceiveBuffer): number | undefined {
  return takeDelimited(input, ClientReadStatusProto, readStatusBytesMax, 'a read status')?.status
}

/** Why a DataNode refused an operation. */
export interface Refusal {
  /** A `Status` number other than SUCCESS. */
  readonly status: number
  /** The DataNode's own words, often the text of a Java exception; may be empty. */
  readonly message: string
  /** Write pipelines: the address of the node that could not be reached, else empty. */
  readonly firstBadLink: string
}

/** The refusal in an answer, or undefined when the operation goes ahead. */
export function refusalOf(response: BlockOpResponseProto): Refusal | undefined {
  if (response.status === Status.SUCCESS) return undefined
  return {
    status: response.status,
    message: response.message ?? '',
    firstBadLink: response.firstBadLink ?? '',
  }
}

/** A refusal for people. */
export function formatRefusal(refusal: Refusal): string {
  const link = refusal.firstBadLink === '' ? '' : `, first bad link ${refusal.firstBadLink}`
  const message = refusal.message === '' ? '' : `: ${refusal.message}`
  return `${formatStatus(refusal.status)}${link}${message}`
}

/** Throws for bytes that arrive where the peer has nothing to say. */
export function refuseExtraBytes(input: ReceiveBuffer, when: string): void {
  if (input.length > 0) {
    throw new ProtocolError('ERR_XFER_UNEXPECTED_BYTES', `${when}: found ${input.length} more bytes`)
  }
}
