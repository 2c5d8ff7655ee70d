import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex } from './index.ts'
import { pooledBytesMax } from './limits.ts'

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter(1)
  write(writer)
  return formatHex(writer.view())
}

test('varintSigned32 writes what varint64 writes, for numbers of either sign', () => {
  for (const value of [0, 1, 127, 128, -1, -2, -128, -300, 0x7fff_ffff, -0x8000_0000]) {
    const expected = written((writer) => writer.varint64(BigInt(value)))
    assert.equal(
      written((writer) => writer.varintSigned32(value)),
      expected,
    )
  }
})

test('varint64 refuses what 64 bits cannot hold, of either sign', () => {
  const writer = new ByteWriter()
  for (const value of [1n << 64n, -(1n << 63n) - 1n, 1n << 80n]) {
    assert.throws(() => writer.varint64(value), { code: 'ERR_BYTES_RANGE', side: 'local' })
  }
  writer.varint64(-(1n << 63n))
  writer.varint64((1n << 64n) - 1n)
  const reader = new ByteReader(writer.view())
  assert.equal(reader.varintSigned64(), -(1n << 63n))
  assert.equal(reader.varint64(), (1n << 64n) - 1n)
})

test('delimited parts have their length in front, at every size of length and any nesting', () => {
  for (const count of [0, 1, 127, 128, 16_383, 16_384, 70_000, 2_097_152]) {
    const writer = new ByteWriter()
    writer.u8(0xaa)
    const outer = writer.openDelimited()
    const inner = writer.openDelimited()
    writer.bytes(new Uint8Array(count).fill(7))
    writer.closeDelimited(inner)
    writer.u8(0xbb)
    writer.closeDelimited(outer)
    writer.u8(0xcc)

    const reader = new ByteReader(writer.view())
    assert.equal(reader.u8(), 0xaa)
    const outerEnd = reader.varint32() + reader.position
    assert.equal(reader.varint32(), count)
    assert.ok(reader.view(count).every((byte) => byte === 7))
    assert.equal(reader.u8(), 0xbb)
    assert.equal(reader.position, outerEnd)
    assert.equal(reader.u8(), 0xcc)
    assert.equal(reader.remaining, 0)
  }
})

test('utf8Delimited and bytesDelimited lead with the count of bytes, not of characters', () => {
  assert.equal(
    written((writer) => writer.utf8Delimited('é')),
    '02c3a9',
  )
  assert.equal(
    written((writer) => writer.bytesDelimited(Uint8Array.of(1, 2))),
    '020102',
  )
  for (const text of ['', 'a'.repeat(128), 'é'.repeat(64), 'a'.repeat(500), `${'a'.repeat(127)}é`]) {
    const writer = new ByteWriter()
    writer.utf8Delimited(text)
    const reader = new ByteReader(writer.view())
    assert.equal(reader.utf8(reader.varint32()), text)
    assert.equal(reader.remaining, 0)
  }
})

test('copies of any size are apart from the writer and from each other', () => {
  for (const count of [0, 1, 64, 65, 500, pooledBytesMax, pooledBytesMax + 1, 20_000]) {
    const writer = new ByteWriter()
    writer.bytes(new Uint8Array(count).fill(1))
    const first = writer.copy()
    const second = writer.copy()
    writer.clear()
    writer.bytes(new Uint8Array(count).fill(2))
    second.fill(3)
    assert.equal(first.length, count)
    assert.ok(first.every((byte) => byte === 1))
  }
})

test('fixed 64-bit numbers survive in little endian, at both ends of the range', () => {
  for (const value of [0n, 1n, -1n, (1n << 63n) - 1n, -(1n << 63n), 0x0102_0304_0506_0708n]) {
    const writer = new ByteWriter()
    writer.i64le(value)
    assert.equal(new ByteReader(writer.view()).i64le(), value)
    assert.equal(new ByteReader(writer.view()).u64le(), BigInt.asUintN(64, value))
  }
  assert.equal(
    written((writer) => writer.i32le(-2)),
    'feffffff',
  )
})
