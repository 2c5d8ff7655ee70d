// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Hadoop's own variables
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Configuration } from './configuration.ts'
import { ConfigurationError } from './configuration-error.ts'

function configurationOf(values: Record<string, string>, env = {}): Configuration {
  return new Configuration(new Map(), env).with(values)
}

test('get substitutes variables from the inside out', () => {
  const configuration = configurationOf(
    { base: '/data', which: 'base', dir: '${${which}}/x', missing: 'a${nobody}b', user: '${user.name}' },
    { HADOOP_USER_NAME: 'alice', HOME: '/h' },
  )
  assert.equal(configuration.get('dir'), '/data/x')
  assert.equal(configuration.get('missing'), 'a${nobody}b')
  assert.equal(configuration.get('user'), 'alice')
  assert.equal(configuration.get('nobody'), undefined)
})

test('get reads ${env.X} with the shell forms of a default', () => {
  const configuration = configurationOf(
    { a: '${env.A}', b: '${env.NONE-b}', c: '${env.EMPTY:-c}', d: '[${env.EMPTY-d}]', e: '${env.NONE}' },
    { A: 'x', EMPTY: '' },
  )
  const values = ['a', 'b', 'c', 'd', 'e'].map((name) => configuration.get(name))
  assert.deepEqual(values, ['x', 'b', 'c', '[]', '${env.NONE}'])
})

test('get leaves variables that refer to each other as they are, and stops those that grow', () => {
  const configuration = configurationOf({ a: '${b}', b: '${a}', grow: 'x${grow}' })
  assert.equal(configuration.get('a'), '${b}')
  assert.throws(() => configuration.get('grow'), { code: 'ERR_CONF_SUBSTITUTION' })
  const wide = configurationOf({ x: 'y'.repeat(100_000), wide: '${x}'.repeat(15) })
  assert.throws(() => wide.get('wide'), { code: 'ERR_CONF_LIMIT' })
})

test('typed getters take Hadoop’s suffixes and fall back when the value is absent or empty', () => {
  const configuration = configurationOf({
    size: '128m',
    hex: '0x10',
    negative: '-3',
    time: '5m',
    bare: '30',
    micro: '1500us',
    yes: 'TRUE',
    odd: 'yes',
    list: ' a, ,b ',
    empty: '',
  })
  assert.equal(configuration.bytes('size', 1), 128 * 1024 * 1024)
  assert.equal(configuration.int('hex', 1), 16)
  assert.equal(configuration.int('negative', 1), -3)
  assert.equal(configuration.int('empty', 7), 7)
  assert.equal(configuration.durationMs('time', 1), 300_000)
  assert.equal(configuration.durationMs('bare', 1, 's'), 30_000)
  assert.equal(configuration.durationMs('micro', 1), 1.5)
  assert.equal(configuration.boolean('yes', false), true)
  assert.equal(configuration.boolean('odd', true), true)
  assert.deepEqual(configuration.list('list'), ['a', 'b'])
  assert.deepEqual(configuration.list('absent', ['x']), ['x'])
  assert.equal(configuration.string('empty', 'fallback'), 'fallback')
})

test('typed getters name the property and what is allowed', () => {
  const configuration = configurationOf({ size: '12 apples', int: '1e99' })
  assert.throws(
    () => configuration.bytes('size', 1),
    (error) =>
      error instanceof ConfigurationError &&
      error.code === 'ERR_CONF_VALUE' &&
      /size.*apples.*128m/.test(error.message),
  )
  assert.throws(() => configuration.int('int', 1), { code: 'ERR_CONF_VALUE' })
  assert.throws(() => configuration.durationMs('size', 1), { code: 'ERR_CONF_VALUE' })
})
