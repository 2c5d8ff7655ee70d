import type { ReceiveBuffer } from '@cairn/bytes'
import type { ChecksumType } from '@cairn/checksum'
import type { BlockOpResponseProto } from '@cairn/hadoop-proto'
import type { Operation, OperationName, OperationRequest } from './operation.ts'
import type { Packet } from './packet.ts'
import type { PacketHeader } from './packet-header.ts'
import type { PipelineAck } from './pipeline-ack.ts'

/** How a version puts packets on the wire. Checksums and data follow the preamble in every version. */
export interface PacketForm {
  /** Most bytes that a preamble takes. */
  readonly preambleBytesMax: number
  /** Whether packets can ask for what they bring to be on disk (`syncBlock`). */
  readonly canSync: boolean
  /** How many bytes the preamble of this packet takes. */
  preambleBytes(header: PacketHeader): number
  /**
   * Writes what stands before a packet's checksums so that it ends at `end` of `bytes`; returns where it starts.
   * `checksumsLength`: the bytes of checksums that follow.
   */
  writePreamble(bytes: Uint8Array, end: number, header: PacketHeader, checksumsLength: number): number
  /**
   * Takes a packet from the front; undefined while it is not all here. Throws `ProtocolError` only. Where an end mark
   * may stand, `takeEndMark` comes first.
   */
  take(input: ReceiveBuffer): Packet | undefined
  /** Length of the packet at the front, as far as its first bytes say; 0 while they are not here. Not checked yet. */
  frameBytes(input: ReceiveBuffer): number
  /**
   * What stands behind the last packet of a block. Empty: nothing does, and a read ends with an empty last packet.
   * Otherwise a read ends with the mark, and `lastPacketInBlock` is on the packet before it.
   */
  readonly endMark: Uint8Array
  /** Takes an end mark from the front, and says whether there was one. */
  takeEndMark(input: ReceiveBuffer): boolean
}

/**
 * One version of the data transfer protocol: other bytes, the same messages. The sessions of both ends are given one,
 * and know nothing else of versions.
 */
export interface DataTransferVersion {
  /** The number before every operation. */
  readonly version: number
  /** Which releases speak it, for messages. */
  readonly releases: string
  readonly packets: PacketForm
  /** Whether a connection takes another operation after a read. */
  readonly keepsConnections: boolean
  /**
   * Whether WRITE_BLOCK says in which stage a pipeline is set up, and how long its replicas must be. Otherwise it says only
   * whether there are replicas, and a block whose last packet alone is missing is sent that packet again.
   */
  readonly namesStages: boolean
  /** What its peers can check. A reader that knows no other type is sent one of these. */
  readonly checksumTypes: readonly ChecksumType[]
  /** The bytes that start an operation; a `ProtocolError` of side `local` for one that the version does not have. */
  encodeOperation<N extends OperationName>(name: N, request: OperationRequest<N>): Uint8Array
  /** Takes an operation from the front, its version included; undefined while it is not all here. */
  takeOperation(input: ReceiveBuffer): Operation | undefined
  /** The answer to an operation; no bytes where the version has no way to say this. */
  encodeResponse(operation: OperationName, response: BlockOpResponseProto): Uint8Array
  /** Takes the answer to an operation from the front; undefined while it is not all here. */
  takeResponse(operation: OperationName, input: ReceiveBuffer): BlockOpResponseProto | undefined
  /** An acknowledgement; no bytes where the version has no way to say this. */
  encodeAck(ack: PipelineAck): Uint8Array
  takeAck(input: ReceiveBuffer): PipelineAck | undefined
  /** What a reader sends when it has everything. */
  encodeReadStatus(status: number): Uint8Array
  takeReadStatus(input: ReceiveBuffer): number | undefined
}
