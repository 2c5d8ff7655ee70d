import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mutated, randomBytes, randomInteger, seededRandom, splits, truncations } from '@cairn/testkit'
import {
  type DecodeOptions,
  decode,
  encode,
  TnetstringDecoder,
  TnetstringError,
  TnsFloat,
  type Value,
} from './index.ts'
import { fromHex, readVectors, vectorValue } from './testing/vectors.ts'

const vectors = readVectors()
const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

/** The code and offset that reading these bytes ends with. */
function fault(text: string | Uint8Array, options?: DecodeOptions): string {
  try {
    decode(typeof text === 'string' ? ascii(text) : text, options)
  } catch (error) {
    assert(error instanceof TnetstringError, String(error))
    assert.equal(error.side, 'remote')
    return `${error.code} ${error.offset}`
  }
  return 'accepted'
}

test('every vector to accept reads as its value, at every split, and writes as the same bytes', () => {
  for (const { hex, value } of vectors.accept) {
    const bytes = fromHex(hex)
    const expected = vectorValue(value)
    for (const pieces of splits(bytes)) {
      const decoder = new TnetstringDecoder({ floats: 'wrapped' })
      for (const piece of pieces) decoder.push(piece.slice())
      assert.deepEqual(decoder.next(), expected)
      assert.equal(decoder.next(), undefined)
      assert.equal(decoder.position, bytes.length)
      decoder.end()
    }
    assert.deepEqual(Buffer.from(encode(expected)), Buffer.from(bytes))
  }
})

test('every vector to reject is rejected, whole and byte by byte', () => {
  for (const { hex, why } of vectors.reject) {
    const bytes = fromHex(hex)
    assert.throws(() => decode(bytes), TnetstringError, why)
    assert.throws(
      () => {
        const decoder = new TnetstringDecoder()
        for (const byte of bytes) {
          decoder.push(Uint8Array.of(byte))
          if (decoder.next() !== undefined) return
        }
        decoder.end()
        if (bytes.length === 0) throw new TnetstringError('ERR_TNS_TRUNCATED', why)
      },
      TnetstringError,
      why,
    )
  }
})

test('[tns.size.1] [tns.size.2] [tns.size.3] a size is plain digits, and the first wrong byte is told', () => {
  assert.equal(fault('05:hello,'), 'ERR_TNS_SIZE 1')
  assert.equal(fault('00:,'), 'ERR_TNS_SIZE 1')
  assert.equal(fault(' 5:hello,'), 'ERR_TNS_SIZE 0')
  assert.equal(fault('+5:hello,'), 'ERR_TNS_SIZE 0')
  assert.equal(fault('-1:a,'), 'ERR_TNS_SIZE 0')
  assert.equal(fault(':a,'), 'ERR_TNS_SIZE 0')
  assert.equal(fault('1000000000:a,'), 'ERR_TNS_SIZE 9')
  assert.equal(fault('999999999:a,'), 'ERR_TNS_TOO_LARGE 0')
  assert.equal(fault('5;hello,'), 'ERR_TNS_SIZE 1')
  assert.equal(fault('9:1:a,01:b,]'), 'ERR_TNS_SIZE 7')
  assert.equal(fault('4:1:a]'), 'ERR_TNS_TRUNCATED 6')
})

test('[tns.type.1] [tns.null.1] [tns.boolean.1] types and their data', () => {
  assert.equal(fault('1:a;'), 'ERR_TNS_TYPE 3')
  assert.equal(fault('0:)'), 'ERR_TNS_TYPE 2')
  assert.equal(fault('1:a~'), 'ERR_TNS_NULL 2')
  assert.equal(fault('3:abc!'), 'ERR_TNS_BOOLEAN 2')
  assert.equal(fault('4:True!'), 'ERR_TNS_BOOLEAN 2')
  assert.equal(fault('5:trues!'), 'ERR_TNS_BOOLEAN 2')
  assert.equal(decode(ascii('0:~')), null)
})

test('[tns.integer.1] [tns.integer.2] [tns.integer.3] integers are exact, and strictly in one form', () => {
  assert.equal(decode(ascii('16:9007199254740991#')), Number.MAX_SAFE_INTEGER)
  assert.equal(decode(ascii('16:9007199254740992#')), 9007199254740992n)
  assert.equal(decode(ascii('17:-9007199254740992#')), -9007199254740992n)
  assert.equal(decode(ascii('20:18446744073709551615#')), 18446744073709551615n)
  assert.equal(decode(ascii('17:00000000000000012#')), 12)
  for (const [text, value] of [
    ['3:007#', 7],
    ['2:+7#', 7],
    ['2:-0#', 0],
    ['3:-07#', -7],
  ] as const) {
    assert.equal(decode(ascii(text)), value)
    assert.match(fault(text, { strict: true }), /^ERR_TNS_INTEGER/)
  }
  assert.equal(decode(ascii('1:0#'), { strict: true }), 0)
  assert.equal(fault('0:#'), 'ERR_TNS_INTEGER 2')
  assert.equal(fault('1:-#'), 'ERR_TNS_INTEGER 3')
  assert.equal(fault('4:1_00#'), 'ERR_TNS_INTEGER 3')
  assert.equal(fault('2:1 #'), 'ERR_TNS_INTEGER 3')
  assert.equal(fault(`4301:${'9'.repeat(4301)}#`), 'ERR_TNS_TOO_LARGE 4305')
})

test('[tns.float.1] [tns.float.2] [tns.float.3] floats are digits with a point and an exponent, and finite', () => {
  for (const [text, value] of [
    ['1:5^', 5],
    ['3:2.5^', 2.5],
    ['6:-1e-10^', -1e-10],
    ['7:1.5E+10^', 1.5e10],
    ['4:-0.0^', -0],
  ] as const)
    assert.ok(Object.is(decode(ascii(text), { strict: true }), value), text)
  for (const text of ['4:+1.5^', '4:01.5^', '2:00^']) {
    assert.equal(typeof decode(ascii(text)), 'number')
    assert.match(fault(text, { strict: true }), /^ERR_TNS_FLOAT 2/)
  }
  for (const text of ['2:.5^', '3:nan^', '3:inf^', '0:^', '1: ^', '4: 1.0^'])
    assert.equal(fault(text), 'ERR_TNS_FLOAT 2')
  assert.equal(fault('2:5.^'), 'ERR_TNS_FLOAT 4')
  assert.equal(fault('2:1e^'), 'ERR_TNS_FLOAT 4')
  assert.equal(fault('4:0x1f^'), 'ERR_TNS_FLOAT 3')
  assert.equal(fault('5:1e999^'), 'ERR_TNS_FLOAT 2')
  assert.deepEqual(decode(ascii('3:1.0^'), { floats: 'wrapped' }), new TnsFloat(1))
})

test('[tns.dict.1] [tns.dict.2] [tns.dict.3] [tns.dict.4] a dict has text keys, each once, and no prototype', () => {
  assert.equal(fault('8:1:1#1:a,}'), 'ERR_TNS_KEY 5')
  assert.equal(fault('8:1:\xff,1:a,}'), 'ERR_TNS_KEY 4')
  assert.equal(fault('4:1:a,}'), 'ERR_TNS_DICT 6')
  assert.equal(fault('16:1:a,1:1#1:a,1:2#}'), 'ERR_TNS_DUPLICATE_KEY 11')
  const dict = decode(ascii('48:9:__proto__,0:}11:constructor,1:1#8:toString,0:~}')) as Record<string, Value>
  assert.equal(Object.getPrototypeOf(dict), null)
  assert.deepEqual(Object.keys(dict), ['__proto__', 'constructor', 'toString'])
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
})

test('a duplicate key is found where the keys before were those of the last dict', () => {
  const decoder = new TnetstringDecoder()
  const push = (text: string) => {
    decoder.push(ascii(text))
    return decoder.next()
  }
  assert.deepEqual({ ...(push('16:1:a,1:1#1:b,1:2#}') as object) }, { a: 1, b: 2 })
  assert.deepEqual({ ...(push('16:1:a,1:3#1:b,1:4#}') as object) }, { a: 3, b: 4 })
  assert.deepEqual({ ...(push('16:1:a,1:3#1:c,1:4#}') as object) }, { a: 3, c: 4 })
  assert.deepEqual({ ...(push('8:1:a,1:3#}') as object) }, { a: 3 })
  assert.deepEqual({ ...(push('24:1:1,1:3#1:0,1:4#1:a,1:5#}') as object) }, { 0: 4, 1: 3, a: 5 })
  assert.deepEqual({ ...(push('24:1:1,1:3#1:0,1:4#1:a,1:6#}') as object) }, { 0: 4, 1: 3, a: 6 })
  assert.throws(() => push('24:1:a,1:3#1:c,1:4#1:a,1:4#}'), { code: 'ERR_TNS_DUPLICATE_KEY' })
})

test('[tns.read.1] a value inside another stays inside', () => {
  assert.equal(fault('6:5:ab,]]'), 'ERR_TNS_OVERRUN 2')
  assert.equal(fault('1:1]'), 'ERR_TNS_OVERRUN 3')
  assert.equal(fault('2:1:]'), 'ERR_TNS_OVERRUN 2')
  assert.equal(fault('5:hello,x'), 'ERR_TNS_TRAILING 8')
  assert.equal(fault(''), 'ERR_TNS_TRUNCATED 0')
})

test('[tns.limit.1] depth, count and size are limited', () => {
  const nested = (levels: number) => {
    let text = ''
    for (let i = 0; i < levels; i++) text = `${text.length}:${text}]`
    return text
  }
  assert.equal(fault(nested(64)), 'accepted')
  assert.match(fault(nested(65)), /^ERR_TNS_DEPTH/)
  assert.match(fault(nested(10_000)), /^ERR_TNS_DEPTH/)
  assert.match(fault(nested(3), { limits: { depthMax: 2 } }), /^ERR_TNS_DEPTH/)
  const many = '0:~'.repeat(65_536)
  assert.match(fault(`${many.length}:${many}]`), /^ERR_TNS_COUNT/)
  assert.match(fault('16:1:a,1:1#1:b,1:2#}', { limits: { keysMax: 1 } }), /^ERR_TNS_COUNT 11/)
  assert.equal(fault('5:hello,', { limits: { sizeMax: 4 } }), 'ERR_TNS_TOO_LARGE 0')
})

test('[tns.read.2] what lies whole in a chunk is a view of it, and a promise costs no memory', () => {
  const chunk = ascii('5:hello,5:wor')
  const decoder = new TnetstringDecoder()
  decoder.push(chunk)
  const hello = decoder.next() as Uint8Array
  assert.equal(hello.buffer, chunk.buffer)
  assert.equal(decoder.next(), undefined)
  decoder.push(ascii('ld,0:~'))
  assert.deepEqual(Buffer.from(decoder.next() as Uint8Array).toString(), 'world')
  assert.equal(decoder.next(), null)

  const before = process.memoryUsage().arrayBuffers
  const greedy: TnetstringDecoder[] = []
  for (let i = 0; i < 1000; i++) {
    const one = new TnetstringDecoder({ limits: { sizeMax: 999_999_999 } })
    one.push(ascii('999999999:abc'))
    assert.equal(one.next(), undefined)
    greedy.push(one)
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 4 << 20, `${greedy.length} promises`)
})

test('[tns.read.3] the input ends only between values', () => {
  const whole = encode([1, 'two', { three: 3.5 }])
  for (const part of truncations(whole)) {
    const decoder = new TnetstringDecoder()
    decoder.push(part.slice())
    assert.equal(decoder.next(), undefined)
    if (part.length === 0) decoder.end()
    else assert.throws(() => decoder.end(), { code: 'ERR_TNS_TRUNCATED', offset: part.length })
  }
})

test('[tns.string.1] strings are bytes, and text where it is asked for and they are UTF-8', () => {
  const bytes = ascii('20:3:\xe2\x82\xac,2:\xff\xfe,3:abc,0:,]')
  const [euro, bad, abc, empty] = decode(bytes, { strings: 'text' }) as Value[]
  assert.equal(euro, '€')
  assert.deepEqual(bad, Uint8Array.of(255, 254))
  assert.equal(abc, 'abc')
  assert.equal(empty, '')
  for (const length of [1, 2, 3, 4, 5, 8, 100, 2000]) {
    for (const text of ['a'.repeat(length), 'ä'.repeat(length), `${'z'.repeat(length)}😀`])
      assert.equal(decode(encode(text), { strings: 'text' }), text)
  }
  assert.deepEqual(decode(ascii('3:abc,')), new Uint8Array(ascii('abc')))
})

test('seeded noise and damaged values end in a value or a TnetstringError, whatever the split', () => {
  const random = seededRandom(4)
  const good = vectors.accept.map(({ hex }) => fromHex(hex))
  for (let round = 0; round < 20_000; round++) {
    const bytes =
      round % 4 === 0
        ? randomBytes(random, randomInteger(random, 40))
        : mutated(good[randomInteger(random, good.length)]!, random)
    const outcome = (pieces: readonly Uint8Array[]) => {
      const decoder = new TnetstringDecoder({ floats: 'wrapped' })
      const values: Value[] = []
      try {
        for (const piece of pieces) {
          decoder.push(piece.slice())
          for (let value = decoder.next(); value !== undefined; value = decoder.next()) values.push(value)
        }
        decoder.end()
        return { values }
      } catch (error) {
        assert(error instanceof TnetstringError, String(error))
        return { values, error: `${error.code} ${error.offset}` }
      }
    }
    const whole = outcome([bytes])
    const cut = randomInteger(random, bytes.length + 1)
    assert.deepEqual(outcome([bytes.subarray(0, cut), bytes.subarray(cut)]), whole)
    assert.deepEqual(outcome(Array.from(bytes, (byte) => Uint8Array.of(byte))), whole)
    for (const value of whole.values) assert.deepEqual(decode(encode(value), { floats: 'wrapped' }), value)
  }
})
