import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, concatBytes, ProtocolError, parseHex } from '@cairn/bytes'
import { mutated, randomInteger, seededRandom } from '@cairn/testkit'
import {
  type JavaType,
  ObjectScanner,
  readObject,
  type TypeRegistry,
  writable,
  writeObject,
} from './index.ts'

const Inner = writable('example.Inner', { name: 'utf8', maybe: { optional: { list: 'vlong' } } })
const Outer = writable('example.Outer', {
  flag: 'boolean',
  inner: { writable: Inner },
  many: { list: { writable: Inner } },
  short: { vlist: { list: 'text' } },
  key: 'vbytes?',
})
const Nothing = writable('example.Nothing', {})
const registry: TypeRegistry = new Map<string, JavaType>([
  ['example.Inner', { writable: Inner }],
  ['example.Outer', { writable: Outer }],
  ['example.Nothing', { writable: Nothing }],
  ['example.Colour', { enumeration: 'example.Colour' }],
])

const inner = { name: 'ünner', maybe: [1n, -300n, 2n ** 62n] }
const outer = {
  flag: true,
  inner,
  many: [inner, { name: '', maybe: undefined }],
  short: [['a'], [], ['b', 'c']],
  key: undefined,
}

function object(type: JavaType, value: unknown): Uint8Array {
  const writer = new ByteWriter()
  writeObject(writer, type, value)
  return writer.take()
}

const objects: readonly Uint8Array[] = [
  object('long', 61n),
  object('void', undefined),
  parseHex('0004766f6964'),
  object('String', 'text'),
  object({ enumeration: 'example.Colour' }, 'RED'),
  object({ writable: Nothing }, {}),
  object({ writable: Nothing }, null),
  object({ writable: Outer }, outer),
  object({ array: { writable: Outer } }, [outer, null, outer]),
  object({ array: { array: 'int' } }, [[1, 2], [], [3]]),
]

/** Where a scanner that is given these lengths one after another finds the end, or the code of its refusal. */
function scanned(bytes: Uint8Array, lengths: Iterable<number>): number | string | undefined {
  const scanner = new ObjectScanner(registry)
  try {
    for (const length of lengths) {
      const reader = new ByteReader(bytes, 3, length)
      if (scanner.scan(reader)) return reader.position
    }
    return undefined
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error))
    return error.code
  }
}

function read(bytes: Uint8Array): number | string | undefined {
  const reader = new ByteReader(bytes, 3)
  try {
    readObject(reader, registry)
    return reader.position
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error))
    return error.code === 'ERR_BYTES_TRUNCATED' ? undefined : error.code
  }
}

test('an object in any pieces ends where it ends in one', () => {
  for (const bare of objects) {
    // Something stands before it and something behind.
    const bytes = concatBytes([Uint8Array.of(1, 2, 3), bare, Uint8Array.of(0, 4)])
    const end = bare.length + 3
    assert.equal(read(bytes), end)
    assert.equal(scanned(bytes, [bytes.length]), end)
    const byteByByte = Array.from({ length: bytes.length - 2 }, (_, index) => index + 3)
    assert.equal(scanned(bytes, byteByByte), end)
    for (let at = 3; at < end; at++) {
      assert.equal(scanned(bytes, [at]), undefined)
      assert.equal(scanned(bytes, [at, bytes.length]), end)
    }
  }
})

test('damaged it is refused as a reader refuses it, in any pieces', () => {
  const random = seededRandom(57)
  for (let round = 0; round < 4000; round++) {
    const bare = objects[randomInteger(random, objects.length)]!
    const bytes = concatBytes([Uint8Array.of(1, 2, 3), mutated(bare, random)])
    const wanted = read(bytes)
    const at = 3 + randomInteger(random, Math.max(1, bytes.length - 3))
    const found = scanned(bytes, [at, bytes.length])
    // A reader sees by a list's count that more is missing; a scanner goes on, and may find a fault before that.
    if (wanted === undefined) assert.notEqual(typeof found, 'number')
    else assert.equal(found, wanted)
  }
})

test('time grows with the bytes, not with their square', () => {
  const bytes = concatBytes([Uint8Array.of(1, 2, 3), object({ array: 'long' }, new Array(200_000).fill(7n))])
  let steps = 0
  const counting = new (class extends ByteReader {
    override skip(count: number): number {
      steps++
      return super.skip(count)
    }
  })(bytes, 3)
  const scanner = new ObjectScanner(registry)
  assert.ok(scanner.scan(counting))
  const inOne = steps
  steps = 0
  const again = new ObjectScanner(registry)
  for (let length = 1000; ; length += 1000) {
    const end = Math.min(length, bytes.length)
    const reader = new (class extends ByteReader {
      override skip(count: number): number {
        steps++
        return super.skip(count)
      }
    })(bytes, 3, end)
    if (again.scan(reader)) break
  }
  assert.ok(steps < inOne * 1.1, `${steps} against ${inOne}`)
})
