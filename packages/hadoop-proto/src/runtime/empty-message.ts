import type { ByteReader } from '@cairn/bytes'
import { defineMessage, type MessageCodec } from './message-codec.ts'
import { skipField } from './reading.ts'

/** A message that declares no fields. */
export type EmptyMessage = Record<never, never>

function writeNothing(): void {}

/** A codec for a message without fields, as most responses are; what newer peers put in is skipped. */
export function defineEmptyMessage(typeName: string): MessageCodec<EmptyMessage> {
  const codec = defineMessage<EmptyMessage>(typeName, writeNothing, read, () => [])
  function read(reader: ByteReader, end: number): EmptyMessage {
    while (reader.position < end) skipField(reader, reader.varint32(), end, codec)
    return {}
  }
  return codec
}
