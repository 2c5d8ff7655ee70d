import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namedFor } from './old-names.ts'
import { majorOf } from './releases.ts'

test('a release gets the names that it reads', () => {
  const properties = { 'fs.defaultFS': 'hdfs://a:1', 'dfs.datanode.data.dir': 'file:///d', 'my.own': '1' }
  assert.deepEqual(namedFor(majorOf('1.2.1'), properties), {
    'dfs.support.broken.append': 'true',
    'dfs.support.append': 'true',
    'fs.default.name': 'hdfs://a:1',
    'dfs.data.dir': '/d',
    'my.own': '1',
  })
  assert.deepEqual(namedFor(majorOf('2.0.0-alpha'), properties), {
    'dfs.support.append': 'true',
    ...properties,
  })
  assert.deepEqual(namedFor(majorOf('3.4.3'), properties), properties)
})
