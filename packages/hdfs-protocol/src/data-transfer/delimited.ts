import { ByteWriter, ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { delimiterBytesMax } from './limits.ts'

/** Where a delimited message lies in the readable bytes: `[start, end)`. */
export interface DelimitedSpan {
  readonly start: number
  readonly end: number
}

/**
 * Finds the message whose varint length is at readable byte `at`; undefined while it is not all here.
 * A length above `bytesMax` is refused as soon as the length is known [xfer.delimited.1].
 */
export function findDelimited(
  input: ReceiveBuffer,
  at: number,
  bytesMax: number,
  what: string,
): DelimitedSpan | undefined {
  let length = 0
  let scale = 1
  for (let index = 0; index < delimiterBytesMax; index++, scale *= 128) {
    if (at + index >= input.length) return undefined
    const byte = input.u8(at + index)
    length += (byte & 0x7f) * scale
    if (byte >= 0x80) continue
    if (length > bytesMax) {
      throw new ProtocolError(
        'ERR_XFER_MESSAGE_TOO_LARGE',
        `read ${what}: found a length of ${length} bytes; at most ${bytesMax} are allowed`,
        { offset: at },
      )
    }
    const start = at + index + 1
    return start + length <= input.length ? { start, end: start + length } : undefined
  }
  throw new ProtocolError(
    'ERR_XFER_MESSAGE_LENGTH',
    `read ${what}: found a length of more than ${delimiterBytesMax} bytes`,
    {
      offset: at,
    },
  )
}

/** Takes one delimited message from the front; undefined while it is not all here. */
export function takeDelimited<T>(
  input: ReceiveBuffer,
  codec: MessageCodec<T>,
  bytesMax: number,
  what: string,
): T | undefined {
  const span = findDelimited(input, 0, bytesMax, what)
  if (span === undefined) return undefined
  const message = codec.decode(input.view(span.start, span.end))
  input.consume(span.end)
  return message
}

/** A message with its varint length before it. */
export function encodeDelimited<T>(codec: MessageCodec<T>, message: T): Uint8Array {
  const writer = new ByteWriter()
  codec.encodeDelimited(writer, message)
  return writer.take()
}
