import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, ProtocolError, parseHex } from './index.ts'

const truncated = (error: unknown) => error instanceof ProtocolError && error.code === 'ERR_BYTES_TRUNCATED'

test('ByteReader reads what DataView reads, at every width and sign', () => {
  const bytes = parseHex('ff fe 80 00 00 01 7f ff ff ff 00 00 80 00 00 00 00 00 00 01')
  const reader = new ByteReader(bytes)
  assert.equal(reader.u8(), 255)
  assert.equal(reader.i8(), -2)
  assert.equal(reader.i16be(), -32768)
  assert.equal(reader.u16be(), 1)
  assert.equal(reader.u32be(), 0x7fffffff)
  assert.equal(reader.u16be(), 0)
  assert.equal(reader.i64be(), -(2n ** 63n) + 1n)
  assert.equal(reader.remaining, 0)
})

test('ByteReader throws at the first byte that is missing and stays where it was', () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3))
  assert.throws(() => reader.u32be(), truncated)
  assert.equal(reader.position, 0)
  assert.throws(() => reader.view(-1), truncated)
  assert.throws(() => reader.copy(4), truncated)
  assert.throws(() => new ByteReader(Uint8Array.of(0x80)).varint64(), truncated)
})

test('varints agree with protobuf in both directions, at every length', () => {
  const values = [
    0n,
    1n,
    127n,
    128n,
    300n,
    2n ** 28n - 1n,
    2n ** 28n,
    2n ** 31n,
    2n ** 49n,
    2n ** 56n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]
  for (const value of values) {
    const writer = new ByteWriter(1)
    writer.varint64(value)
    const expected: number[] = []
    for (let rest = value; ; rest >>= 7n) {
      if (rest < 128n) {
        expected.push(Number(rest))
        break
      }
      expected.push(Number(rest & 127n) | 128)
    }
    assert.deepEqual([...writer.view()], expected)
    assert.equal(new ByteReader(writer.view()).varint64(), value)
    assert.equal(new ByteReader(writer.view()).varint32(), Number(BigInt.asUintN(32, value)))
  }
})

test('varint64 writes negative numbers in ten bytes', () => {
  const writer = new ByteWriter()
  writer.varint64(-1n)
  assert.equal(writer.length, 10)
  assert.equal(new ByteReader(writer.view()).varint64(), 2n ** 64n - 1n)
})

test('varints of eleven bytes are refused', () => {
  const bytes = new Uint8Array(11).fill(0x80)
  for (const read of ['varint32', 'varint64'] as const) {
    assert.throws(
      () => new ByteReader(bytes)[read](),
      (error) => error instanceof ProtocolError && error.code === 'ERR_BYTES_VARINT',
    )
  }
})

test('utf8 round-trips short, long, wide and empty text', () => {
  for (const text of ['', 'a', 'ä', '漢字', '🙂', 'x'.repeat(100), `${'x'.repeat(47)}ä`]) {
    const writer = new ByteWriter(4)
    const count = writer.utf8(text)
    assert.equal(count, Buffer.byteLength(text))
    assert.equal(writer.length, count)
    assert.equal(new ByteReader(writer.view()).utf8(count), text)
  }
})

test('utf8 refuses malformed text of any length and keeps a byte order mark', () => {
  for (const bytes of [Uint8Array.of(0xff), new Uint8Array(40).fill(0xc3)]) {
    assert.throws(
      () => new ByteReader(bytes).utf8(bytes.length),
      (error) => error instanceof ProtocolError && error.code === 'ERR_BYTES_UTF8',
    )
  }
  assert.equal(new ByteReader(parseHex('efbbbf61')).utf8(4), '\ufeffa')
})

test('copy outlives its buffer, view does not', () => {
  const bytes = Uint8Array.of(1, 2)
  const copied = new ByteReader(bytes).copy(2)
  const viewed = new ByteReader(bytes).view(2)
  bytes[0] = 9
  assert.equal(copied[0], 1)
  assert.equal(viewed[0], 9)
})
