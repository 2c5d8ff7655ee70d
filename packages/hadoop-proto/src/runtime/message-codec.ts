import { ByteReader, ByteWriter } from '@cairn/bytes'
import type { FieldDescriptor } from './field-descriptor.ts'
import { nestedEnd, overrun } from './reading.ts'

/**
 * Both directions of one protobuf message. Decoders copy what they keep, so that a message outlives the buffer it
 * came from; they skip unknown fields, and throw `ProtocolError` and nothing else.
 */
export interface MessageCodec<T> {
  /** Full name, such as `hadoop.hdfs.LocatedBlockProto`. */
  readonly typeName: string
  /** The declared fields in order of their numbers. */
  readonly fields: readonly FieldDescriptor[]
  /** The message as bytes of its own. */
  encode(value: T): Uint8Array
  /** Appends the message without a length. */
  write(writer: ByteWriter, value: T): void
  /** Appends the message, led by its length as a varint. */
  encodeDelimited(writer: ByteWriter, value: T): void
  /** Decodes `bytes[start, end)`; default all of them. */
  decode(bytes: Uint8Array, start?: number, end?: number): T
  /** Decodes a message that ends at `end`, which is the reader's end or a border inside it. */
  read(reader: ByteReader, end: number): T
  /** Decodes a message that is led by its length as a varint, and moves past it. */
  decodeDelimited(reader: ByteReader): T
}

/** Encoding never yields, so one writer serves every `encode`; it is given up when a message threw halfway. */
let scratch: ByteWriter | undefined

class GeneratedCodec<T> implements MessageCodec<T> {
  readonly typeName: string
  readonly write: (writer: ByteWriter, value: T) => void
  readonly read: (reader: ByteReader, end: number) => T
  // Not #private: hundreds of codecs are made at start-up, and private fields make that slower.
  private readonly table: () => FieldDescriptor[]
  private made: readonly FieldDescriptor[] | undefined

  constructor(
    typeName: string,
    write: (writer: ByteWriter, value: T) => void,
    read: (reader: ByteReader, end: number) => T,
    table: () => FieldDescriptor[],
  ) {
    this.typeName = typeName
    this.write = write
    this.read = read
    this.table = table
    this.made = undefined
  }

  get fields(): readonly FieldDescriptor[] {
    this.made ??= this.table()
    return this.made
  }

  encode(value: T): Uint8Array {
    const writer = scratch ?? new ByteWriter()
    scratch = undefined
    this.write(writer, value)
    const bytes = writer.copy()
    writer.clear()
    scratch = writer
    return bytes
  }

  encodeDelimited(writer: ByteWriter, value: T): void {
    const at = writer.openDelimited()
    this.write(writer, value)
    writer.closeDelimited(at)
  }

  decode(bytes: Uint8Array, start = 0, end = bytes.length): T {
    const reader = new ByteReader(bytes, start, end)
    const value = this.read(reader, end)
    if (reader.position !== end) throw overrun(this.typeName, reader, end)
    return value
  }

  decodeDelimited(reader: ByteReader): T {
    const end = nestedEnd(reader, reader.end)
    const value = this.read(reader, end)
    if (reader.position !== end) throw overrun(this.typeName, reader, end)
    return value
  }
}

/** What every generated codec is made with; `table` runs at the first use of `fields`. */
export function defineMessage<T>(
  typeName: string,
  write: (writer: ByteWriter, value: T) => void,
  read: (reader: ByteReader, end: number) => T,
  table: () => FieldDescriptor[],
): MessageCodec<T> {
  return new GeneratedCodec(typeName, write, read, table)
}
