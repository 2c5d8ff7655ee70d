import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOpenFlags } from './open-flags.ts'

test('parseOpenFlags knows Node’s flags, those HDFS cannot do included', () => {
  assert.deepEqual(parseOpenFlags('r', '/f'), { kind: 'read', truncate: false })
  assert.deepEqual(parseOpenFlags('r+', '/f'), { kind: 'read', truncate: true })
  assert.deepEqual(parseOpenFlags('wx', '/f'), { kind: 'create', exclusive: true })
  assert.deepEqual(parseOpenFlags('a', '/f'), { kind: 'append', exclusive: false })
  assert.throws(() => parseOpenFlags('w+', '/f'), { code: 'ENOTSUP', path: '/f' })
  for (const flags of ['', 'q', 'toString']) assert.throws(() => parseOpenFlags(flags, '/f'), TypeError)
})
