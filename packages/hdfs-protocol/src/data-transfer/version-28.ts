import type { DataTransferVersion, PacketForm } from './data-transfer-version.ts'
import { dataTransferVersion } from './operation.ts'
import { encodeOperation, takeOperation } from './operation-request.ts'
import {
  packetFrameBytes,
  packetPreambleBytes,
  packetPreambleBytesMax,
  takePacket,
  writePacketPreamble,
} from './packet.ts'
import { encodePipelineAck, takePipelineAck } from './pipeline-ack.ts'
import { encodeBlockOpResponse, encodeReadStatus, takeBlockOpResponse, takeReadStatus } from './response.ts'

const packets28: PacketForm = {
  preambleBytesMax: packetPreambleBytesMax,
  canSync: true,
  preambleBytes: packetPreambleBytes,
  writePreamble: writePacketPreamble,
  take: takePacket,
  frameBytes: packetFrameBytes,
  endMark: new Uint8Array(0),
  takeEndMark: () => false,
}

/** Today's: protobuf messages, unchanged but for added fields since Hadoop 0.23. */
export const dataTransfer28: DataTransferVersion = {
  version: dataTransferVersion,
  releases: 'Hadoop 0.23, 2 and 3',
  packets: packets28,
  keepsConnections: true,
  namesStages: true,
  checksumTypes: ['NULL', 'CRC32', 'CRC32C'],
  encodeOperation,
  takeOperation,
  encodeResponse: (_operation, response) => encodeBlockOpResponse(response),
  takeResponse: (_operation, input) => takeBlockOpResponse(input),
  encodeAck: encodePipelineAck,
  takeAck: takePipelineAck,
  encodeReadStatus,
  takeReadStatus,
}
