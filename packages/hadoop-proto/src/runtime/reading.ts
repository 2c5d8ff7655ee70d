import { type ByteReader, ProtocolError } from '@cairn/bytes'
import { nestingMax } from '../limits.ts'
import type { MessageCodec } from './message-codec.ts'

// Wire types of the protobuf encoding, the low three bits of a tag.
const varint = 0
const fixed64 = 1
const delimited = 2
const startGroup = 3
const endGroup = 4
const fixed32 = 5

/** Reads a length and returns where the part that it leads ends, which is inside the enclosing part. */
export function nestedEnd(reader: ByteReader, end: number): number {
  const length = reader.varint32()
  const nested = reader.position + length
  if (nested > end) {
    throw new ProtocolError(
      'ERR_PROTO_LENGTH',
      `read a part of ${length} bytes at ${reader.position}: found ${end - reader.position} before the enclosing end`,
      { offset: reader.position },
    )
  }
  return nested
}

/** The last field of a message or packed list was longer than what encloses it. */
export function overrun(path: string, reader: ByteReader, end: number): ProtocolError {
  return new ProtocolError(
    'ERR_PROTO_LENGTH',
    `decode ${path}: found a field that ends at ${reader.position}; the message ends at ${end}`,
    { offset: end, path },
  )
}

/** A bool is true when any bit of its 64-bit varint is. */
export function readBool(reader: ByteReader): boolean {
  return reader.bytes[reader.position]! < 0x80 ? reader.varint32() !== 0 : reader.varint64() !== 0n
}

/** Undoes zig-zag: 0, −1, 1, −2, … */
export function readSint32(reader: ByteReader): number {
  const bits = reader.varint32()
  return (bits >>> 1) ^ -(bits & 1)
}

/** Undoes zig-zag: 0, −1, 1, −2, … */
export function readSint64(reader: ByteReader): bigint {
  const bits = reader.varint64()
  return (bits >> 1n) ^ -(bits & 1n)
}

/**
 * Moves past a field that the message does not declare. A declared number with a wire type that its declaration does
 * not allow is refused: the sender means another schema.
 */
export function skipField(reader: ByteReader, tag: number, end: number, codec: MessageCodec<unknown>): void {
  const number = tag >>> 3
  const declared = codec.fields.find((candidate) => candidate.number === number)
  if (declared !== undefined) {
    const path = `${codec.typeName}.${declared.name}`
    throw new ProtocolError(
      'ERR_PROTO_WIRE_TYPE',
      `decode ${path}: found wire type ${tag & 7}, which a ${declared.type} cannot have`,
      { offset: reader.position, path },
    )
  }
  skipValue(reader, tag, end, codec.typeName, nestingMax)
}

function skipValue(reader: ByteReader, tag: number, end: number, path: string, depthLeft: number): void {
  const number = tag >>> 3
  if (number === 0) throw badTag(reader, tag, path)
  switch (tag & 7) {
    case varint:
      reader.varint64()
      return
    case fixed64:
      reader.skip(8)
      return
    case delimited:
      reader.position = nestedEnd(reader, end)
      return
    case startGroup:
      skipGroup(reader, number, end, path, depthLeft)
      return
    case fixed32:
      reader.skip(4)
      return
    default:
      throw badTag(reader, tag, path)
  }
}

function skipGroup(reader: ByteReader, number: number, end: number, path: string, depthLeft: number): void {
  if (depthLeft === 0) {
    throw new ProtocolError(
      'ERR_PROTO_NESTING',
      `decode ${path}: found groups nested deeper than ${nestingMax}`,
      { offset: reader.position, path },
    )
  }
  while (reader.position < end) {
    const tag = reader.varint32()
    if ((tag & 7) === endGroup) {
      if (tag >>> 3 !== number) throw badTag(reader, tag, path)
      return
    }
    skipValue(reader, tag, end, path, depthLeft - 1)
  }
  throw new ProtocolError('ERR_PROTO_LENGTH', `decode ${path}: found the end inside group ${number}`, {
    offset: end,
    path,
  })
}

function badTag(reader: ByteReader, tag: number, path: string): ProtocolError {
  return new ProtocolError(
    'ERR_PROTO_TAG',
    `decode ${path}: found field number ${tag >>> 3} with wire type ${tag & 7}, which no message can have`,
    { offset: reader.position, path },
  )
}

/** Which required field the bytes did not have. `found` has the values that were decoded. */
export function requiredMissing(
  codec: MessageCodec<unknown>,
  found: Readonly<Record<string, unknown>>,
  reader: ByteReader,
): ProtocolError {
  const name = Object.keys(found).find((key) => found[key] === undefined)
  const path = `${codec.typeName}.${name}`
  return new ProtocolError(
    'ERR_PROTO_REQUIRED_MISSING',
    `decode ${path}: found no value; the field is required`,
    {
      offset: reader.position,
      path,
    },
  )
}

/**
 * The value of a singular message field after one more occurrence. Protobuf says that all occurrences are one message:
 * later values win and lists grow. No Hadoop encoder does this, hence one slow way for all types.
 */
export function mergeMessages<T>(codec: MessageCodec<T>, first: T | undefined, second: T): T {
  if (first === undefined) return second
  const into = first as Record<string, unknown>
  const from = second as Record<string, unknown>
  for (const { name, label, message } of codec.fields) {
    const value = from[name]
    if (label === 'repeated') {
      const list = into[name] as unknown[]
      for (const item of value as unknown[]) list.push(item)
    } else if (value !== undefined) {
      into[name] = message === undefined ? value : mergeMessages(message, into[name], value)
    }
  }
  return first
}
