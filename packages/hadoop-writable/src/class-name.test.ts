import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex } from '@cairn/bytes'
import { readClassName, writeClassName } from './class-name.ts'
import { readUtf8, writeUtf8 } from './text.ts'

const written = (write: (writer: ByteWriter, text: string) => void, text: string): Uint8Array => {
  const writer = new ByteWriter()
  write(writer, text)
  return writer.take()
}

test('kept names are read and written as any text', () => {
  const names = ['long', 'org.apache.hadoop.io.Writable', '[B', 'ünïcode', '', 'x'.repeat(200)]
  // More than are kept, some of which share a place.
  for (let index = 0; index < 1000; index += 1) names.push(`example.Class${index}`)
  for (let round = 0; round < 2; round += 1) {
    for (const name of names) {
      const bytes = written((writer, text) => writeUtf8(writer, text), name)
      assert.equal(formatHex(written(writeClassName, name)), formatHex(bytes))
      const reader = new ByteReader(Uint8Array.of(...bytes, 7))
      assert.equal(readClassName(reader), name)
      assert.equal(reader.u8(), 7)
    }
  }
})

test('names that end early or are no text fail as any text, kept or not', () => {
  const bytes = written(writeClassName, 'example.Known')
  readClassName(new ByteReader(bytes))
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = bytes.subarray(0, length)
    assert.throws(() => readClassName(new ByteReader(cut)), { code: 'ERR_BYTES_TRUNCATED' })
    assert.throws(() => readUtf8(new ByteReader(cut)), { code: 'ERR_BYTES_TRUNCATED' })
  }
  assert.throws(() => readClassName(new ByteReader(Uint8Array.of(0, 1, 0xff))), { code: 'ERR_WRITABLE_TEXT' })
})
