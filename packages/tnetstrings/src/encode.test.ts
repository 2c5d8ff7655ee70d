import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, type Encodable, encode, encodeParts, TnetstringError, TnsFloat } from './index.ts'
import { readVectors, vectorValue } from './testing/vectors.ts'

const text = (value: Encodable) => Buffer.from(encode(value)).toString('latin1')

test('[tns.value.1] every kind of value is written in its one form', () => {
  assert.equal(text('hello'), '5:hello,')
  assert.equal(text(''), '0:,')
  assert.equal(text(Uint8Array.of(0, 255)), '2:\x00\xff,')
  assert.equal(text(null), '0:~')
  assert.equal(text(true), '4:true!')
  assert.equal(text(false), '5:false!')
  for (const [value, written] of [
    [0, '1:0#'],
    [7, '1:7#'],
    [-7, '2:-7#'],
    [12345, '5:12345#'],
    [1_000_000_000, '10:1000000000#'],
    [2_147_483_647, '10:2147483647#'],
    [2_147_483_648, '10:2147483648#'],
    [Number.MAX_SAFE_INTEGER, '16:9007199254740991#'],
    [2n ** 64n, '20:18446744073709551616#'],
  ] as const)
    assert.equal(text(value), written)
  assert.equal(text([]), '0:]')
  assert.equal(text({}), '0:}')
  assert.equal(text(new Map([['a', 1]])), '8:1:a,1:1#}')
})

test('[tns.float.4] floats are the shortest text that reads as the same double', () => {
  assert.equal(text(0.1), '3:0.1^')
  assert.equal(text(new TnsFloat(1)), '3:1.0^')
  assert.equal(text(-0), '4:-0.0^')
  assert.equal(text(1e21), '5:1e+21^')
  assert.equal(text(2 ** 53), '16:9007199254740992^')
  assert.equal(text(5e-324), '6:5e-324^')
  for (const value of [Math.PI, 1 / 3, 1.7976931348623157e308, -2.5e-7])
    assert.equal(decode(encode(value)), value)
})

test('[tns.string.2] strings are UTF-8 of any length, and keys too', () => {
  for (const value of ['ä', '€', '😀', 'a'.repeat(300), 'ä'.repeat(300), `${'x'.repeat(100_000)}é`]) {
    const utf8 = Buffer.from(value)
    assert.deepEqual(
      Buffer.from(encode(value)),
      Buffer.concat([Buffer.from(`${utf8.length}:`), utf8, Buffer.from(',')]),
    )
  }
  assert.equal(Buffer.from(encode({ schlüssel: 1 })).toString(), '18:10:schlüssel,1:1#}')
})

test('[tns.write.2] keys keep their order and those that are undefined are left out', () => {
  assert.equal(text({ b: 1, a: undefined, c: [2, { d: null }] }), '30:1:b,1:1#1:c,14:1:2#7:1:d,0:~}]}')
})

test('[tns.write.1] large bytes are parts of their own, not copied', () => {
  const large = new Uint8Array(100_000).fill(1)
  const parts = encodeParts({ first: 1, large, last: [large, 'end'] })
  assert.equal(parts.length, 5)
  assert.equal(parts.filter((part) => part.buffer === large.buffer).length, 2)
  const joined = Buffer.concat(parts)
  assert.deepEqual(new Uint8Array(joined), encode({ first: 1, large, last: [large, 'end'] }))
  assert.deepEqual((decode(joined) as { large: Uint8Array }).large, large)
  assert.equal(encodeParts(large)[1], large)
})

test('[tns.write.3] what no TNetstring can hold is refused, and the next value is not harmed', () => {
  const loop: Encodable[] = []
  loop.push(loop)
  const bad: unknown[] = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
    () => 1,
    Symbol('x'),
    new Date(),
    [undefined],
    { a: { b: () => 1 } },
    '\ud800',
    { '\udc00': 1 },
    loop,
    new Map([[1, 2]]),
    new TnsFloat(Number.NaN),
  ]
  for (const value of bad) {
    assert.throws(
      () => encode(value as Encodable),
      (error) => error instanceof TnetstringError && error.code === 'ERR_TNS_VALUE' && error.side === 'local',
    )
    assert.equal(text({ a: 'ok' }), '9:1:a,2:ok,}')
  }
})

test('[tns.size.3] a value whose SIZE has more than nine digits is not written', () => {
  const bytes = new Uint8Array(999_999_990)
  assert.throws(() => encodeParts([bytes]), { code: 'ERR_TNS_VALUE' })
  assert.equal(encodeParts(bytes).length, 3)
})

test('a getter that encodes does not disturb the value around it', () => {
  const value = {
    a: 1,
    get b() {
      return encode([1, 2, 3])
    },
  }
  assert.deepEqual({ ...(decode(encode(value)) as object) }, { a: 1, b: encode([1, 2, 3]) })
})

test('what was handed out is never written again', () => {
  const kept: [Uint8Array, string][] = []
  for (let i = 0; i < 20_000; i++) {
    const value = { number: i, text: 'x'.repeat(i % 300) }
    const bytes = encode(value)
    if (i % 100 === 0) kept.push([bytes, JSON.stringify(value)])
  }
  for (const [bytes, json] of kept) assert.equal(JSON.stringify(decode(bytes, { strings: 'text' })), json)
})

test('the pairs of the vectors are written byte for byte', () => {
  for (const { header, body, ascii } of readVectors().petrichor_pairs)
    assert.equal(text(vectorValue(header)) + text(vectorValue(body)), ascii)
})
