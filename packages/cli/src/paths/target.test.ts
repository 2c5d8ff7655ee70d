import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseName, childOf, isWithin, normalize, parentOf, parseTarget } from './target.ts'

const home = '/user/ada'

test('parseTarget reads URIs, absolute and relative paths', () => {
  assert.deepEqual(parseTarget('hdfs://nn:8020/a//b/', home), {
    authority: 'nn:8020',
    path: '/a/b',
    shown: 'hdfs://nn:8020/a//b/',
  })
  assert.deepEqual(parseTarget('hdfs://nn', home), { authority: 'nn', path: '/', shown: 'hdfs://nn' })
  assert.deepEqual(parseTarget('hdfs:///x', home), { authority: '', path: '/x', shown: 'hdfs:///x' })
  assert.deepEqual(parseTarget('hdfs:/x', home), { authority: '', path: '/x', shown: 'hdfs:/x' })
  assert.deepEqual(parseTarget('/a/./b/../c', home), { authority: '', path: '/a/c', shown: '/a/./b/../c' })
  assert.deepEqual(parseTarget('notes', home), { authority: '', path: '/user/ada/notes', shown: 'notes' })
  assert.deepEqual(parseTarget('.', home), { authority: '', path: '/user/ada', shown: '.' })
})

test('parseTarget refuses what cairn does not speak, and the empty path', () => {
  assert.throws(() => parseTarget('s3a://bucket/x', home), { name: 'CommandError', message: /s3a: is not/ })
  assert.throws(() => parseTarget('file:/x', home), { name: 'CommandError' })
  assert.throws(() => parseTarget('', home), { name: 'CommandError' })
})

test('a colon in a relative name is part of the name', () => {
  assert.equal(parseTarget('a:b', home).path, '/user/ada/a:b')
})

test('paths are put together and taken apart', () => {
  assert.equal(normalize('/../../a'), '/a')
  assert.equal(childOf({ authority: '', path: '/', shown: '/' }, 'x').shown, '/x')
  assert.equal(childOf({ authority: '', path: '/user/ada/d', shown: 'd' }, 'x').shown, 'd/x')
  assert.equal(baseName('/a/b'), 'b')
  assert.equal(baseName('/'), '')
  assert.equal(parentOf('/a'), '/')
  assert.equal(parentOf('/a/b'), '/a')
  assert.ok(isWithin('/a/b', '/a'))
  assert.ok(isWithin('/a', '/'))
  assert.ok(!isWithin('/ab', '/a'))
})
