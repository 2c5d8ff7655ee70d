// Strings of Hadoop 1's RPC; what they look like is told in `@cairn/bytes`.
import {
  type ByteReader,
  type ByteWriter,
  readText as readAnyText,
  readUtf8Units,
  type TextRule,
  writeText as writeAnyText,
  writeUtf8Units,
} from '@cairn/bytes'
import { textBytesMax } from './limits.ts'

const rule: TextRule = { code: 'ERR_WRITABLE_TEXT', bytesMax: textBytesMax }

/** Reads a string of UTF8 or UTF; sequences of 4 bytes are taken too, as Hadoop does. */
export function readUtf8(reader: ByteReader): string {
  return readUtf8Units(reader, rule)
}

/** Writes a string as UTF8, or as UTF where `nulLong` asks for U+0000 in 2 bytes. */
export function writeUtf8(writer: ByteWriter, text: string, nulLong = false): void {
  writeUtf8Units(writer, text, rule, nulLong)
}

/** Reads a Text. */
export function readText(reader: ByteReader): string {
  return readAnyText(reader, rule)
}

/** Writes a Text. */
export function writeText(writer: ByteWriter, text: string): void {
  writeAnyText(writer, text, rule)
}
