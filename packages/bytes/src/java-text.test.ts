import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex, ProtocolError, parseHex } from './index.ts'
import { readText, readUtf8Units, type TextRule, writeText, writeUtf8Units } from './java-text.ts'

const rule: TextRule = { code: 'ERR_TEST_TEXT', bytesMax: 65_535 }

function utf8(text: string, nulLong = false): string {
  const writer = new ByteWriter()
  writeUtf8Units(writer, text, rule, nulLong)
  return formatHex(writer.take())
}

function text(value: string): string {
  const writer = new ByteWriter()
  writeText(writer, value, rule)
  return formatHex(writer.take())
}

// What Java 17 wrote with `org.apache.hadoop.io.UTF8` of Hadoop 1.2.1, `DataOutputStream.writeUTF` and `Text`.
const java: readonly (readonly [string, { utf8: string; utf: string; text: string }])[] = [
  ['', { utf8: '0000', utf: '0000', text: '00' }],
  ['/a/b', { utf8: '00042f612f62', utf: '00042f612f62', text: '042f612f62' }],
  ['\u0000', { utf8: '000100', utf: '0002c080', text: '0100' }],
  ['a\u0000b', { utf8: '0003610062', utf: '000461c08062', text: '03610062' }],
  ['\u007f\u0080', { utf8: '00037fc280', utf: '00037fc280', text: '037fc280' }],
  ['h\u00e9llo', { utf8: '000668c3a96c6c6f', utf: '000668c3a96c6c6f', text: '0668c3a96c6c6f' }],
  ['\u07ff\u0800', { utf8: '0005dfbfe0a080', utf: '0005dfbfe0a080', text: '05dfbfe0a080' }],
  ['\u2603', { utf8: '0003e29883', utf: '0003e29883', text: '03e29883' }],
  ['\uffff', { utf8: '0003efbfbf', utf: '0003efbfbf', text: '03efbfbf' }],
  ['\ud83d\ude00', { utf8: '0006eda0bdedb880', utf: '0006eda0bdedb880', text: '04f09f9880' }],
  [
    '/x/\ud83d\ude00/\u00e9\u0000',
    {
      utf8: '000d2f782feda0bdedb8802fc3a900',
      utf: '000e2f782feda0bdedb8802fc3a9c080',
      text: '0b2f782ff09f98802fc3a900',
    },
  ],
  ['\ud83d', { utf8: '0003eda0bd', utf: '0003eda0bd', text: '013f' }],
  ['\ude00\ud83d', { utf8: '0006edb880eda0bd', utf: '0006edb880eda0bd', text: '023f3f' }],
  ['\ufeffa', { utf8: '0004efbbbf61', utf: '0004efbbbf61', text: '04efbbbf61' }],
]

test('every string is written as Java writes it, and read back', () => {
  for (const [value, hex] of java) {
    const name = JSON.stringify(value)
    assert.equal(utf8(value), hex.utf8, `UTF8 ${name}`)
    assert.equal(utf8(value, true), hex.utf, `UTF ${name}`)
    assert.equal(readUtf8Units(new ByteReader(parseHex(hex.utf8)), rule), value)
    assert.equal(readUtf8Units(new ByteReader(parseHex(hex.utf)), rule), value)
    assert.equal(text(value), hex.text, `Text ${name}`)
    const read = readText(new ByteReader(parseHex(hex.text)), rule)
    assert.equal(read, value.replace(/\p{Surrogate}/gu, '?'))
  }
})

test('every UTF-16 unit, alone and in pairs, survives UTF8 and UTF', () => {
  for (let unit = 0; unit < 0x1_0000; unit += 1) {
    for (const nulLong of [false, true]) {
      const value = String.fromCharCode(unit)
      const writer = new ByteWriter()
      writeUtf8Units(writer, value, rule, nulLong)
      assert.equal(readUtf8Units(new ByteReader(writer.take()), rule), value)
    }
  }
})

test('texts that are cut, too long or no UTF-8 are refused with the code of their owner', () => {
  const refuse = (hex: string, code: string): void =>
    assert.throws(
      () => readUtf8Units(new ByteReader(parseHex(hex)), rule),
      (error) => error instanceof ProtocolError && error.code === code,
      hex,
    )
  for (const hex of [
    '000180',
    '0001c3',
    '0002c341',
    '0003e28241',
    '0004f4908080',
    '0001ff',
    '0004f0808041',
  ]) {
    refuse(hex, 'ERR_TEST_TEXT')
  }
  refuse('000541', 'ERR_BYTES_TRUNCATED')
  assert.equal(readUtf8Units(new ByteReader(parseHex('0004f09f9880')), rule), '\u{1f600}')
  const short: TextRule = { code: 'ERR_TEST_TEXT', bytesMax: 2 }
  for (const attempt of [
    () => readUtf8Units(new ByteReader(parseHex('0003616263')), short),
    () => writeUtf8Units(new ByteWriter(), 'abc', short),
    () => readText(new ByteReader(parseHex('03616263')), short),
    () => readText(new ByteReader(parseHex('ff')), short),
    () => writeText(new ByteWriter(), 'abc', short),
    () => writeUtf8Units(new ByteWriter(), 'x'.repeat(65_536), rule),
  ]) {
    assert.throws(attempt, { code: 'ERR_TEST_TEXT' })
  }
})
