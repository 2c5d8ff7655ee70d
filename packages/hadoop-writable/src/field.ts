// What a Writable's fields are made of. A table names them in the order of the wire; reading, writing and the
// TypeScript type follow from it.
import { type ByteReader, type ByteWriter, ProtocolError, readVLong, writeVLong } from '@cairn/bytes'
import { elementsMax } from './limits.ts'
import { readText, readUtf8, writeText, writeUtf8 } from './text.ts'
import type { Writable } from './writable.ts'

/** A field of one value. */
export type ScalarField =
  | 'boolean'
  | 'byte'
  | 'short'
  | 'ushort'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'vint'
  | 'vlong'
  /** `UTF8.writeString`. */
  | 'utf8'
  /** `DataOutput.writeUTF`. */
  | 'utf'
  /** `Text.writeString`, and enumerations (`WritableUtils.writeEnum`). */
  | 'text'
  /** int32 length, then bytes. */
  | 'bytes'
  /** vint length, then bytes. */
  | 'vbytes'
  /** As `vbytes`; length −1 is Java's null. */
  | 'vbytes?'

/** A field: a scalar, another Writable, a list with an int32 (or vint) count, or something behind a boolean that says "here". */
export type Field =
  | ScalarField
  | { readonly writable: Writable<unknown> }
  | { readonly list: Field }
  | { readonly vlist: Field }
  | { readonly optional: Field }

/** The TypeScript type of a field: 64-bit numbers are bigint. */
export type FieldValue<F extends Field> = F extends 'boolean'
  ? boolean
  : F extends 'byte' | 'short' | 'ushort' | 'int' | 'float' | 'double' | 'vint'
    ? number
    : F extends 'long' | 'vlong'
      ? bigint
      : F extends 'utf8' | 'utf' | 'text'
        ? string
        : F extends 'bytes' | 'vbytes'
          ? Uint8Array
          : F extends 'vbytes?'
            ? Uint8Array | undefined
            : F extends { readonly writable: Writable<infer T> }
              ? T
              : F extends { readonly list: infer E extends Field } | { readonly vlist: infer E extends Field }
                ? readonly FieldValue<E>[]
                : F extends { readonly optional: infer E extends Field }
                  ? FieldValue<E> | undefined
                  : never

interface ScalarCodec<T> {
  read(reader: ByteReader): T
  write(writer: ByteWriter, value: T): void
}

const wide = new DataView(new ArrayBuffer(8))

function readFloat(reader: ByteReader): number {
  wide.setInt32(0, reader.i32be())
  return wide.getFloat32(0)
}

function readDouble(reader: ByteReader): number {
  wide.setBigInt64(0, reader.i64be())
  return wide.getFloat64(0)
}

/** Checks a count before memory is claimed: every element takes at least a byte. */
function checkCount(reader: ByteReader, count: number): number {
  if (count < 0 || count > Math.min(elementsMax, reader.remaining)) {
    throw new ProtocolError(
      count > reader.remaining && count <= elementsMax ? 'ERR_BYTES_TRUNCATED' : 'ERR_WRITABLE_COUNT',
      `read ${count} elements: found ${reader.remaining} bytes; 0 to ${elementsMax} elements are allowed`,
      { offset: reader.position },
    )
  }
  return count
}

/** `WritableUtils.readVInt`. */
function readVInt(reader: ByteReader): number {
  const at = reader.position
  const value = readVLong(reader)
  if (BigInt.asIntN(32, value) === value) return Number(value)
  const message = `read a vint: found ${value}; 32 bits are allowed`
  throw new ProtocolError('ERR_WRITABLE_INTEGER', message, { offset: at })
}

function writeVBytes(writer: ByteWriter, value: Uint8Array): void {
  writeVLong(writer, BigInt(value.length))
  writer.bytes(value)
}

function writeBytes(writer: ByteWriter, value: Uint8Array): void {
  writer.i32be(value.length)
  writer.bytes(value)
}

const scalars: { readonly [S in ScalarField]: ScalarCodec<FieldValue<S>> } = {
  boolean: { read: (reader) => reader.u8() !== 0, write: (writer, value) => writer.u8(value ? 1 : 0) },
  byte: { read: (reader) => reader.i8(), write: (writer, value) => writer.u8(value & 0xff) },
  short: { read: (reader) => reader.i16be(), write: (writer, value) => writer.u16be(value & 0xffff) },
  ushort: { read: (reader) => reader.u16be(), write: (writer, value) => writer.u16be(value) },
  int: { read: (reader) => reader.i32be(), write: (writer, value) => writer.i32be(value) },
  long: { read: (reader) => reader.i64be(), write: (writer, value) => writer.i64be(value) },
  float: {
    read: readFloat,
    write(writer, value) {
      wide.setFloat32(0, value)
      writer.i32be(wide.getInt32(0))
    },
  },
  double: {
    read: readDouble,
    write(writer, value) {
      wide.setFloat64(0, value)
      writer.i64be(wide.getBigInt64(0))
    },
  },
  vint: {
    read: readVInt,
    write: (writer, value) => writeVLong(writer, BigInt(value)),
  },
  vlong: { read: readVLong, write: writeVLong },
  utf8: { read: readUtf8, write: (writer, value) => writeUtf8(writer, value) },
  utf: { read: readUtf8, write: (writer, value) => writeUtf8(writer, value, true) },
  text: { read: readText, write: writeText },
  bytes: { read: (reader) => reader.copy(checkCount(reader, reader.i32be())), write: writeBytes },
  vbytes: {
    read: (reader) => reader.copy(checkCount(reader, Number(readVLong(reader)))),
    write: writeVBytes,
  },
  'vbytes?': {
    read(reader) {
      const length = Number(readVLong(reader))
      return length === -1 ? undefined : reader.copy(checkCount(reader, length))
    },
    write(writer, value) {
      if (value === undefined) writeVLong(writer, -1n)
      else writeVBytes(writer, value)
    },
  },
}

/** Reads one field. */
export function readField(reader: ByteReader, field: Field): unknown {
  if (typeof field === 'string') return scalars[field].read(reader)
  if ('writable' in field) return field.writable.read(reader)
  if ('optional' in field) return reader.u8() === 0 ? undefined : readField(reader, field.optional)
  const isShort = 'vlist' in field
  const element = isShort ? field.vlist : field.list
  const count = checkCount(reader, isShort ? Number(readVLong(reader)) : reader.i32be())
  const list: unknown[] = []
  for (let index = 0; index < count; index++) list.push(readField(reader, element))
  return list
}

/** Writes one field; the value has the field's type, as the table's TypeScript type demands. */
export function writeField(writer: ByteWriter, field: Field, value: unknown): void {
  if (typeof field === 'string') {
    const codec = scalars[field] as ScalarCodec<unknown>
    codec.write(writer, value)
  } else if ('writable' in field) {
    field.writable.write(writer, value)
  } else if ('optional' in field) {
    writer.u8(value === undefined ? 0 : 1)
    if (value !== undefined) writeField(writer, field.optional, value)
  } else {
    const list = value as readonly unknown[]
    const isShort = 'vlist' in field
    if (isShort) writeVLong(writer, BigInt(list.length))
    else writer.i32be(list.length)
    const type = isShort ? field.vlist : field.list
    for (const element of list) writeField(writer, type, element)
  }
}
