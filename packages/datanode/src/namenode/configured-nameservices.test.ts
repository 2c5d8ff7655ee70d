import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Configuration } from '@cairn/hadoop-conf'
import { configuredNameservices } from './configured-nameservices.ts'

const read = (properties: Record<string, string>) => {
  const services = configuredNameservices(new Configuration().with(properties))
  return JSON.parse(JSON.stringify(services)) as unknown
}

test('one NameNode, by its own keys or by fs.defaultFS [dnp.federation.1]', () => {
  const address = { host: 'nn', port: 8020 }
  assert.deepEqual(read({ 'fs.defaultFS': 'hdfs://nn' }), { '': [address] })
  assert.deepEqual(read({ 'fs.defaultFS': 'hdfs://x:1', 'dfs.namenode.rpc-address': 'nn:8020' }), {
    '': [address],
  })
  assert.deepEqual(
    read({ 'dfs.namenode.rpc-address': 'nn:1', 'dfs.namenode.servicerpc-address': 'nn:8020' }),
    { '': [address] },
  )
  assert.throws(() => read({ 'fs.defaultFS': 'file:///' }), /dfs\.namenode\.rpc-address is not configured/)
})

test('pairs, several nameservices, and lifelines', () => {
  const properties = {
    'dfs.nameservices': 'a,b,c',
    'dfs.internal.nameservices': 'a, b',
    'dfs.ha.namenodes.a': 'n1,n2',
    'dfs.namenode.rpc-address.a.n1': 'h1:9000',
    'dfs.namenode.rpc-address.a.n2': '[::1]:9001',
    'dfs.namenode.lifeline.rpc-address.a.n1': 'h1:9050',
    'dfs.namenode.rpc-address.b': 'h3',
  }
  assert.deepEqual(read(properties), {
    a: [
      { host: 'h1', port: 9000, lifeline: { host: 'h1', port: 9050 } },
      { host: '::1', port: 9001 },
    ],
    b: [{ host: 'h3', port: 8020 }],
  })
  assert.throws(() => read({ 'dfs.nameservices': 'a' }), /dfs\.namenode\.rpc-address\.a is not configured/)
  assert.throws(() => read({ 'dfs.namenode.rpc-address': 'nn:70000' }), /nn:70000.*1 to 65535/)
})
