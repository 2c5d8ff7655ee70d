import { type ByteWriter, ProtocolError } from '@cairn/bytes'
import type { MessageCodec } from './message-codec.ts'

/** Which required field the value to be encoded does not have. */
export function requiredUnset(codec: MessageCodec<unknown>, value: object): ProtocolError {
  const given = value as Readonly<Record<string, unknown>>
  const missing = codec.fields.find(
    (candidate) => candidate.label === 'required' && given[candidate.name] === undefined,
  )
  const path = `${codec.typeName}.${missing?.name}`
  return new ProtocolError(
    'ERR_PROTO_REQUIRED_MISSING',
    `encode ${path}: found no value; the field is required`,
    {
      side: 'local',
      path,
    },
  )
}

function outOfRange(type: string, value: number): ProtocolError {
  return new ProtocolError(
    'ERR_PROTO_RANGE',
    `encode ${value} as ${type}: allowed is a whole number of 32 bits`,
    {
      side: 'local',
    },
  )
}

/** int32 and enums. */
export function writeInt32(writer: ByteWriter, value: number): void {
  if ((value | 0) !== value) throw outOfRange('int32', value)
  writer.varintSigned32(value)
}

/** uint32; negative numbers pass too, since Java's int has no other way to say the upper half. */
export function writeUint32(writer: ByteWriter, value: number): void {
  if (value >>> 0 !== value && (value | 0) !== value) throw outOfRange('uint32', value)
  writer.varint32(value)
}

/** sint32: zig-zag, so that small negative numbers stay short. */
export function writeSint32(writer: ByteWriter, value: number): void {
  if ((value | 0) !== value) throw outOfRange('sint32', value)
  writer.varint32((value << 1) ^ (value >> 31))
}

/** sint64: zig-zag, so that small negative numbers stay short. */
export function writeSint64(writer: ByteWriter, value: bigint): void {
  writer.varint64((value << 1n) ^ (value >> 63n))
}

/** fixed32 and sfixed32. */
export function writeFixed32(writer: ByteWriter, value: number): void {
  if (value >>> 0 !== value && (value | 0) !== value) throw outOfRange('fixed32', value)
  writer.i32le(value)
}
