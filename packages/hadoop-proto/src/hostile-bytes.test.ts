import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from '@cairn/bytes'
import { mutated, randomBytes, randomInteger, seededRandom, truncations } from '@cairn/testkit'
import type { MessageCodec } from './runtime/message-codec.ts'
import { allCodecs } from './test-support/all-codecs.ts'
import { randomMessage } from './test-support/random-message.ts'

const codecs = [...(await allCodecs()).values()]

/** Decodes; whatever decodes must encode again, since a proxy may have to. */
function decodesOrRefuses(codec: MessageCodec<unknown>, bytes: Uint8Array): void {
  let value: unknown
  try {
    value = codec.decode(bytes)
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${codec.typeName}: ${(error as Error).stack}`)
    assert.equal(error.side, 'remote')
    return
  }
  codec.encode(value)
}

test('every codec, given a message cut at any byte, gives a value or a ProtocolError', () => {
  const random = seededRandom(11)
  for (const codec of codecs) {
    const bytes = codec.encode(randomMessage(codec, random, 2))
    for (const cut of truncations(bytes.subarray(0, 200))) decodesOrRefuses(codec, cut)
  }
})

test('every codec, given noise, gives a value or a ProtocolError', () => {
  const random = seededRandom(12)
  for (const codec of codecs) {
    for (let count = 0; count < 40; count++)
      decodesOrRefuses(codec, randomBytes(random, randomInteger(random, 60)))
  }
})

test('every codec, given a message with changed bytes, gives a value or a ProtocolError', () => {
  const random = seededRandom(13)
  for (const codec of codecs) {
    const bytes = codec.encode(randomMessage(codec, random, 1))
    for (let count = 0; count < 40; count++) decodesOrRefuses(codec, mutated(bytes, random))
  }
})
