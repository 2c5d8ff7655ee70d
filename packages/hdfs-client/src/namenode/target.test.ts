import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Configuration } from '@cairn/hadoop-conf'
import { formatAddress, namenodeTarget } from './target.ts'

const empty = new Configuration()
const pair = empty.with({
  'fs.defaultFS': 'hdfs://Prod/',
  'dfs.nameservices': 'Prod, other',
  'dfs.ha.namenodes.Prod': 'nn1,nn2',
  'dfs.namenode.rpc-address.Prod.nn1': 'a:9000',
  'dfs.namenode.rpc-address.Prod.nn2': 'b',
  'dfs.namenode.rpc-address.other': 'c:1',
})

function addresses(...args: Parameters<typeof namenodeTarget>): readonly string[] {
  return namenodeTarget(...args).addresses.map(formatAddress)
}

test('namenodeTarget takes host and port from the URL; port 8020 when there is none', () => {
  assert.deepEqual(addresses('hdfs://h:1/', empty), ['h:1'])
  assert.deepEqual(addresses('hdfs://h', empty), ['h:8020'])
  assert.deepEqual(addresses('hdfs://[::1]:9/', empty), ['[::1]:9'])
  assert.equal(namenodeTarget('hdfs://h', empty).authority, 'h:8020')
})

test('namenodeTarget finds the NameNodes of a nameservice, and fs.defaultFS without a URL', () => {
  assert.deepEqual(addresses(undefined, pair), ['a:9000', 'b:8020'])
  assert.equal(namenodeTarget('hdfs://prod/', pair).authority, 'prod')
  assert.deepEqual(addresses('hdfs://other', pair), ['c:1'])
  assert.deepEqual(addresses('hdfs://x', empty, ['p:1', 'q:2']), ['p:1', 'q:2'])
})

test('namenodeTarget says what is missing', () => {
  const code = 'ERR_HDFS_ADDRESS'
  assert.throws(() => namenodeTarget(undefined, empty), { code, message: /fs\.defaultFS.*HADOOP_CONF_DIR/ })
  for (const url of ['http://h:1/', 'h:1', 'hdfs://', 'hdfs:///']) {
    assert.throws(() => namenodeTarget(url, empty), { code, message: /hdfs:\/\/host/ }, url)
  }
  assert.throws(() => namenodeTarget('hdfs://h:99999/', empty), { code })
  const gap = empty.with({ 'dfs.nameservices': 'n', 'dfs.ha.namenodes.n': 'x' })
  assert.throws(() => namenodeTarget('hdfs://n/', gap), { code, message: /rpc-address\.n\.x/ })
})
