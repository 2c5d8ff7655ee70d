import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatHex } from '@cairn/bytes'
import { seededRandom } from '@cairn/testkit'
import { allCodecs } from './test-support/all-codecs.ts'
import { oracleDecode, oracleEncode, oracleRegistry } from './test-support/oracle.ts'
import { randomMessage } from './test-support/random-message.ts'

const codecs = await allCodecs()
const registry = await oracleRegistry()
const messagesEach = 12

test('every message of every .proto file has a codec, and no codec lacks its message', () => {
  const declared = new Set<string>()
  for (const type of registry)
    if (type.kind === 'message' && type.file.proto.package !== 'google.protobuf') declared.add(type.typeName)
  assert.deepEqual([...codecs.keys()].sort(), [...declared].sort())
  assert.ok(codecs.size >= 600)
})

test('every codec writes the bytes that protobuf-es writes, and reads what it reads', () => {
  const random = seededRandom(7)
  for (const codec of codecs.values()) {
    const type = registry.getMessage(codec.typeName)!
    for (let count = 0; count < messagesEach; count++) {
      const value = randomMessage(codec, random)
      const bytes = codec.encode(value)
      const expected = oracleEncode(type, value)
      if (Buffer.compare(bytes, expected) !== 0)
        assert.equal(formatHex(bytes), formatHex(expected), codec.typeName)
      const decoded = codec.decode(expected)
      assert.deepEqual(decoded, value, codec.typeName)
      assert.deepEqual(decoded, oracleDecode(type, expected), codec.typeName)
    }
  }
})

test('field tables say what the .proto files say', () => {
  for (const codec of codecs.values()) {
    const type = registry.getMessage(codec.typeName)!
    assert.equal(codec.fields.length, type.fields.length, codec.typeName)
    for (const field of codec.fields) {
      const declared = type.fields.find((candidate) => candidate.number === field.number)
      assert.equal(declared?.name, field.name)
      assert.equal(declared?.message?.typeName, field.message?.typeName)
      assert.equal(declared?.fieldKind === 'list', field.label === 'repeated')
      if (declared?.enum !== undefined) {
        const values = declared.enum.values.map(({ name, number }): [string, number] => [name, number])
        assert.deepEqual(field.enum, Object.fromEntries(values))
      }
      const scalar = declared?.fieldKind === 'scalar' || declared?.fieldKind === 'enum'
      const fallback = scalar ? declared.getDefaultValue() : undefined
      assert.equal(field.default, fallback, `${codec.typeName}.${field.name}`)
    }
  }
})
