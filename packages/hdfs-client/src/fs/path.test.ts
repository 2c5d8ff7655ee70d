import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseName, HdfsPathError, joinPath, normalizePath, parentPath } from './path.ts'

const authority = 'nn:8020'

test('normalizePath resolves dots and slashes', () => {
  const cases: readonly (readonly [string | URL, string])[] = [
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a//b/', '/a/b'],
    ['/a/./b/../c', '/a/c'],
    ['/../..', '/'],
    ['/.hidden/..x', '/.hidden/..x'],
    ['/a b/ü%20', '/a b/ü%20'],
    ['hdfs://nn:8020/a', '/a'],
    ['HDFS://NN:8020/A', '/A'],
    ['hdfs://nn:8020', '/'],
    ['hdfs:///a', '/a'],
    ['hdfs://nn/a', '/a'],
    [new URL('hdfs://nn:8020/a%20b'), '/a b'],
  ]
  for (const [path, expected] of cases) assert.equal(normalizePath(path, authority), expected, String(path))
})

test('normalizePath refuses relative paths, other clusters, zero bytes and too long paths', () => {
  const cases: readonly (readonly [string | URL, string])[] = [
    ['', 'ERR_HDFS_PATH'],
    ['a/b', 'ERR_HDFS_PATH'],
    ['file:///a', 'ERR_HDFS_PATH'],
    ['hdfs://other:8020/a', 'ERR_HDFS_WRONG_CLUSTER'],
    ['hdfs://other/a', 'ERR_HDFS_WRONG_CLUSTER'],
    ['/a\0', 'ERR_HDFS_PATH'],
    [`/${'a'.repeat(8000)}`, 'ERR_HDFS_PATH'],
  ]
  for (const [path, code] of cases) {
    assert.throws(
      () => normalizePath(path, authority),
      (error) => error instanceof HdfsPathError && error.code === code,
      String(path).slice(0, 40),
    )
  }
})

test('parentPath, baseName and joinPath split and join at the last slash', () => {
  assert.deepEqual([parentPath('/a/b'), parentPath('/a'), parentPath('/')], ['/a', '/', '/'])
  assert.deepEqual([baseName('/a/b'), baseName('/')], ['b', ''])
  assert.deepEqual([joinPath('/', 'a'), joinPath('/a', 'b')], ['/a', '/a/b'])
})
