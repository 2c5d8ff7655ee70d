// Frames of Hadoop RPC 9 [hrpc.frame.1]:
//
//     | int32 length | length bytes: delimited header, then delimited messages |
//
// A response header has no length of its own beyond its delimiter, so every frame is self-contained.
import { type ByteReader, ProtocolError } from '@cairn/bytes'

/** Bytes of the length in front of every frame. */
export const frameLengthBytes = 4

/** The frame length at `at`, checked against the limit [hrpc.frame.2]. */
export function frameLength(bytes: Uint8Array, at: number, limit: number): number {
  const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (length < 0) {
    throw new ProtocolError(
      'ERR_HRPC_FRAME_LENGTH',
      `read a frame: found length ${length}; 0 to ${limit} is allowed`,
    )
  }
  if (length > limit) {
    throw new ProtocolError(
      'ERR_HRPC_FRAME_TOO_LARGE',
      `read a frame: found length ${length}; ${limit} is the limit`,
    )
  }
  return length
}

/** Reads the length of a frame's last message, which must end with the frame [hrpc.frame.3]. Returns its start. */
export function bodyStart(reader: ByteReader): number {
  const length = reader.varint32()
  if (length !== reader.remaining) {
    throw new ProtocolError(
      'ERR_HRPC_FRAME',
      `read a message of ${length} bytes: found ${reader.remaining} to the end of its frame`,
      { offset: reader.position },
    )
  }
  return reader.position
}
