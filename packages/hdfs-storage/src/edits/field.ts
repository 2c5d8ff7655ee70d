import type { ByteReader, ByteWriter } from '@cairn/bytes'
import { ProtocolError, readVLong, writeVLong } from '@cairn/bytes'
import { permissionNameBytesMax } from '../limits.ts'
import {
  readInt64Number,
  readText,
  readUtf8,
  readVLongNumber,
  writeInt64Number,
  writeText,
  writeUtf8,
  writeVLongNumber,
} from './writable.ts'

/** How one field of an operation goes to bytes and back. */
export interface Field<T> {
  read(reader: ByteReader): T
  write(writer: ByteWriter, value: T): void
}

/** The object that a table of fields describes. */
export type Decoded<Table> = {
  -readonly [Name in keyof Table]: Table[Name] extends Field<infer T> ? T : never
}

/** 64-bit integer, exact as a number. */
export const int64: Field<number> = { read: readInt64Number, write: writeInt64Number }

/** 64-bit integer whose whole range is used: block ids, quotas, limits. */
export const int64Big: Field<bigint> = { read: (r) => r.i64be(), write: (w, value) => w.i64be(value) }

/** 32-bit integer. */
export const int32: Field<number> = { read: (r) => r.i32be(), write: (w, value) => w.i32be(value) }

/** 16-bit integer, signed. */
export const int16: Field<number> = { read: (r) => r.i16be(), write: (w, value) => w.u16be(value & 0xffff) }

/** A byte, signed. */
export const int8: Field<number> = { read: (r) => r.i8(), write: (w, value) => w.u8(value & 0xff) }

/** One byte, 0 or 1; Java reads every other value as true and so do we. */
export const boolean: Field<boolean> = { read: (r) => r.u8() !== 0, write: (w, value) => w.u8(value ? 1 : 0) }

/** A string with a 16-bit length. */
export const utf8: Field<string> = { read: readUtf8, write: writeUtf8 }

/** A string whose empty form stands for "absent": of an owner, "unchanged" ([edits.op.8]). */
export const utf8OrAbsent: Field<string | undefined> = {
  read: (r) => readUtf8(r) || undefined,
  write: (w, value) => writeUtf8(w, value ?? ''),
}

/** Bytes with a 16-bit length. */
export const shortBytes: Field<Uint8Array> = {
  read: (r) => r.copy(r.u16be()),
  write: (w, value) => {
    w.u16be(value.length)
    w.bytes(value)
  },
}

/** `Text`: a variable-length integer and that many bytes of UTF-8. */
export const text: Field<string> = { read: (r) => readText(r, permissionNameBytesMax), write: writeText }

/** Variable-length integer, 64 bits. */
export const vlong: Field<bigint> = { read: readVLong, write: writeVLong }

/** Variable-length integer, exact as a number. */
export const vint: Field<number> = { read: readVLongNumber, write: writeVLongNumber }

/** One value that the format writes twice: the second is for a reader that never came ([edits.op.8]). */
export function twice<T>(field: Field<T>): Field<T> {
  return {
    read: (r) => {
      const value = field.read(r)
      field.read(r)
      return value
    },
    write: (w, value) => {
      field.write(w, value)
      field.write(w, value)
    },
  }
}

/** Checks a count from a file before memory is claimed for it. */
export function checkCount(count: number, countMax: number, what: string, offset: number): number {
  if (count < 0 || count > countMax) {
    throw new ProtocolError(
      'ERR_HSTORAGE_COUNT',
      `read ${what}: found ${count}; 0 to ${countMax} are allowed`,
      {
        offset,
      },
    )
  }
  return count
}

/** A 32-bit count and that many items. */
export function list<T>(item: Field<T>, countMax: number, what: string): Field<T[]> {
  return {
    read: (r) => {
      const count = checkCount(r.i32be(), countMax, what, r.position - 4)
      const items: T[] = []
      for (let index = 0; index < count; index++) items.push(item.read(r))
      return items
    },
    write: (w, items) => {
      w.i32be(items.length)
      for (const value of items) item.write(w, value)
    },
  }
}

/** Fields one after the other as one object. */
export function record<Table extends { readonly [Name in keyof Table]: Field<never> | Field<unknown> }>(
  table: Table,
): Field<Decoded<Table>> {
  const entries = Object.entries(table) as [string, Field<unknown>][]
  return {
    read: (r) => {
      const value: Record<string, unknown> = {}
      for (const [name, field] of entries) value[name] = field.read(r)
      return value as Decoded<Table>
    },
    write: (w, value) => {
      const source = value as Record<string, unknown>
      for (const [name, field] of entries) field.write(w, source[name])
    },
  }
}
