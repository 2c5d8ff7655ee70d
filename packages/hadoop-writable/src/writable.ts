import type { ByteReader, ByteWriter } from '@cairn/bytes'
import { type Field, type FieldValue, readField, writeField } from './field.ts'

/** The fields of a class by name, in the order of the wire. */
export type FieldTable = Readonly<Record<string, Field>>

/** The TypeScript type of a table. */
export type ValueOfTable<T extends FieldTable> = { readonly [K in keyof T]: FieldValue<T[K]> }

/** A class of Hadoop that writes itself (`org.apache.hadoop.io.Writable`). */
export interface Writable<T> {
  /** Full Java name, as it stands on the wire. */
  readonly javaClass: string
  /** For tools that show what is on the wire. */
  readonly fields: FieldTable
  /** Throws `ProtocolError` only. */
  read(reader: ByteReader): T
  write(writer: ByteWriter, value: T): void
}

/** The value of a Writable. */
export type WritableValue<W> = W extends Writable<infer T> ? T : never

/** Makes a Writable of a table. */
export function writable<const T extends FieldTable>(
  javaClass: string,
  fields: T,
): Writable<ValueOfTable<T>> {
  const entries = Object.entries(fields)
  return {
    javaClass,
    fields,
    read(reader) {
      const value: Record<string, unknown> = {}
      for (const [name, field] of entries) value[name] = readField(reader, field)
      return value as ValueOfTable<T>
    },
    write(writer, value) {
      const values: Readonly<Record<string, unknown>> = value
      for (const [name, field] of entries) writeField(writer, field, values[name])
    },
  }
}
