import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex, parseHex, readVLong, writeVLong } from '@cairn/bytes'
import { readInt64Number, readUtf8, writeInt64Number, writeUtf8 } from './writable.ts'

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter()
  write(writer)
  return formatHex(writer.view())
}

test('vlong has the bytes of WritableUtils.writeVLong', () => {
  const vectors: [bigint, string][] = [
    [0n, '00'],
    [127n, '7f'],
    [-112n, '90'],
    [128n, '8f80'],
    [-113n, '8770'],
    [255n, '8fff'],
    [256n, '8e0100'],
    [1513298395825n, '8a0160579d02b1'],
    [2n ** 63n - 1n, '887fffffffffffffff'],
    [-(2n ** 63n), '807fffffffffffffff'],
  ]
  for (const [value, hex] of vectors) {
    assert.equal(
      written((w) => writeVLong(w, value)),
      hex,
    )
    assert.equal(readVLong(new ByteReader(parseHex(hex))), value)
  }
})

test('utf8 writes each UTF-16 unit on its own as Java does, and reads both forms', () => {
  const vectors: [string, string][] = [
    ['', '0000'],
    ['/a', '00022f61'],
    ['ü', '0002c3bc'],
    ['☃', '0003e29883'],
    ['🎉', '0006eda0bcedbe89'],
  ]
  for (const [text, hex] of vectors) {
    assert.equal(
      written((w) => writeUtf8(w, text)),
      hex,
    )
    assert.equal(readUtf8(new ByteReader(parseHex(hex))), text)
  }
  assert.equal(readUtf8(new ByteReader(parseHex('0004 f09f8e89'))), '🎉')
  for (const hex of ['0001 80', '0001 c3', '0002 c341', '0003 e29841', '0004 f8888080', '0004 f7bfbfbf']) {
    assert.throws(() => readUtf8(new ByteReader(parseHex(hex))), { code: 'ERR_HSTORAGE_TEXT' }, hex)
  }
})

test('int64 keeps every safe integer and refuses the others', () => {
  for (const value of [0, 1, -1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
    const hex = written((w) => writeInt64Number(w, value))
    assert.equal(BigInt.asIntN(64, BigInt(`0x${hex}`)), BigInt(value))
    assert.equal(readInt64Number(new ByteReader(parseHex(hex))), value)
  }
  assert.throws(() => readInt64Number(new ByteReader(parseHex('0020000000000000'))), {
    code: 'ERR_HSTORAGE_INTEGER',
  })
})
