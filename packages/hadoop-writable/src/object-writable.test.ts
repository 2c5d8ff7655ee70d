import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex, ProtocolError, parseHex } from '@cairn/bytes'
import { randomInteger, seededRandom } from '@cairn/testkit'
import {
  type JavaObject,
  type JavaType,
  javaName,
  readObject,
  type TypeRegistry,
  typeOfName,
  writable,
  writeJavaObject,
  writeObject,
} from './index.ts'

const Everything = writable('example.Everything', {
  flag: 'boolean',
  tiny: 'byte',
  small: 'short',
  port: 'ushort',
  number: 'int',
  big: 'long',
  real: 'float',
  precise: 'double',
  packed: 'vint',
  packedBig: 'vlong',
  name: 'utf8',
  nul: 'utf',
  text: 'text',
  bytes: 'bytes',
  packedBytes: 'vbytes',
  key: 'vbytes?',
  maybe: { optional: 'int' },
  list: { list: { list: 'short' } },
})
const Nothing = writable('example.Nothing', {})
const registry: TypeRegistry = new Map<string, JavaType>([
  ['example.Everything', { writable: Everything }],
  ['example.Nothing', { writable: Nothing }],
  ['example.Colour', { enumeration: 'example.Colour' }],
])

const everything = {
  flag: true,
  tiny: -128,
  small: -2,
  port: 65_535,
  number: -2_147_483_648,
  big: -9_223_372_036_854_775_808n,
  real: 0.5,
  precise: -1e300,
  packed: -113,
  packedBig: 9_223_372_036_854_775_807n,
  name: 'héllo \u{1f600}\0',
  nul: 'a\0b',
  text: 'snow ☃ \u{1f600}',
  bytes: Uint8Array.of(1, 2, 3),
  packedBytes: Uint8Array.of(),
  key: undefined,
  maybe: 7,
  list: [[1, 2], [], [-3]],
}

function written(type: JavaType, value: unknown): Uint8Array {
  const writer = new ByteWriter()
  writeObject(writer, type, value)
  return writer.take()
}

const read = (bytes: Uint8Array): JavaObject => {
  const reader = new ByteReader(bytes)
  const object = readObject(reader, registry)
  assert.equal(reader.remaining, 0)
  return object
}

test('every kind of field comes back as it went', () => {
  const bytes = written({ writable: Everything }, everything)
  assert.deepEqual(read(bytes).value, everything)
  const again = new ByteWriter()
  writeJavaObject(again, read(bytes), registry)
  assert.equal(formatHex(again.take()), formatHex(bytes))
})

// Bytes of Java's: writeUTF puts U+0000 in two bytes, UTF8 in one; both put a pair of surrogates in six.
test('UTF8, UTF and Text differ where Java’s do', () => {
  const Texts = writable('example.Texts', { utf8: 'utf8', utf: 'utf', text: 'text' })
  const writer = new ByteWriter()
  Texts.write(writer, { utf8: '\0', utf: '\0', text: '\0' })
  assert.equal(formatHex(writer.take()), '00010000' + '02c080' + '0100')
  Texts.write(writer, { utf8: '\u{1f600}', utf: '\u{1f600}', text: '\u{1f600}' })
  assert.equal(formatHex(writer.take()), '0006eda0bdedb880' + '0006eda0bdedb880' + '04f09f9880')
})

// [hrpc4.object.1]
test('objects name their class; null says which one was meant', () => {
  assert.equal(formatHex(written('long', 61n)), '00046c6f6e67000000000000003d')
  assert.deepEqual(read(written('void', undefined)).value, null)
  assert.equal(read(parseHex('0004766f6964')).value, undefined)
  const nothing = read(written({ writable: Nothing }, null))
  assert.deepEqual(nothing, {
    declared: 'example.Nothing',
    javaClass: 'org.apache.hadoop.io.ObjectWritable$NullInstance',
    value: null,
  })
  assert.equal(read(written('String', 'x')).value, 'x')
  assert.equal(read(written({ enumeration: 'example.Colour' }, 'RED')).value, 'RED')
  const longs = read(written({ array: { array: 'long' } }, [[1n], [], [2n, 3n]]))
  assert.equal(longs.declared, '[[J')
  assert.deepEqual(
    (longs.value as JavaObject[]).map((inner) => (inner.value as JavaObject[]).map(({ value }) => value)),
    [[1n], [], [2n, 3n]],
  )
})

test('names of types are Java’s, both ways', () => {
  const types: [JavaType, string][] = [
    ['boolean', 'boolean'],
    ['String', 'java.lang.String'],
    [{ array: 'byte' }, '[B'],
    [{ array: { array: 'String' } }, '[[Ljava.lang.String;'],
    [{ array: { writable: Nothing } }, '[Lexample.Nothing;'],
    [{ enumeration: 'example.Colour' }, 'example.Colour'],
  ]
  for (const [type, name] of types) {
    assert.equal(javaName(type), name)
    assert.deepEqual(typeOfName(name, registry), type)
  }
  assert.equal(typeOfName('example.Unknown', registry), undefined)
})

test('unknown classes, impossible counts and endless nesting are refused before memory is claimed', () => {
  const unknown = new ByteWriter()
  writeObject(unknown, { writable: writable('example.Unknown', {}) }, {})
  assert.throws(() => read(unknown.take()), { code: 'ERR_WRITABLE_CLASS' })
  assert.throws(() => read(parseHex('00025b4a7fffffff')), { code: 'ERR_WRITABLE_COUNT' })
  assert.throws(() => read(parseHex('00025b4affffffff')), { code: 'ERR_WRITABLE_COUNT' })
  const deep = '00025b4a00000001'.repeat(40)
  assert.throws(() => read(parseHex(deep)), { code: 'ERR_WRITABLE_DEPTH' })
})

test('cut at every byte it is truncated; damaged it is a value or a ProtocolError', () => {
  const bytes = written({ writable: Everything }, everything)
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => read(bytes.subarray(0, length)), { code: 'ERR_BYTES_TRUNCATED' }, `${length}`)
  }
  const random = seededRandom(41)
  for (let round = 0; round < 5000; round++) {
    const damaged = bytes.slice()
    for (let hit = 0; hit < 3; hit++)
      damaged[randomInteger(random, damaged.length)] = randomInteger(random, 256)
    try {
      readObject(new ByteReader(damaged), registry)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
})
