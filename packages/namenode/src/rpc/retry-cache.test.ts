import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import { RetryCache } from './retry-cache.ts'

const client = (byte: number): Uint8Array => new Uint8Array(16).fill(byte)
const hour = 3_600_000

test('RetryCache knows calls by client and call id', () => {
  const cache = new RetryCache()
  cache.put({ rpcClientId: client(1), rpcCallId: 5 }, 16400, 0)
  assert.equal(cache.get({ rpcClientId: client(1), rpcCallId: 5 }), 16400)
  assert.equal(cache.get({ rpcClientId: client(1), rpcCallId: 6 }), undefined)
  assert.equal(cache.get({ rpcClientId: client(2), rpcCallId: 5 }), undefined)
})

test('RetryCache keeps nothing of calls without ids', () => {
  const cache = new RetryCache()
  cache.put(noRpcIds, 1, 0)
  cache.put({ rpcClientId: client(1), rpcCallId: -3 }, 1, 0)
  assert.equal(cache.get(noRpcIds), undefined)
  assert.equal(cache.get({ rpcClientId: client(1), rpcCallId: -3 }), undefined)
})

test('RetryCache forgets a call after its life and not before', () => {
  const cache = new RetryCache()
  const call = { rpcClientId: client(1), rpcCallId: 1 }
  cache.put(call, 7, 1000)
  cache.put({ rpcClientId: client(2), rpcCallId: 1 }, 8, 1000 + hour)
  assert.equal(cache.get(call), 7, 'the older generation still answers')
  cache.put({ rpcClientId: client(2), rpcCallId: 2 }, 8, 1000 + 2 * hour)
  assert.equal(cache.get(call), undefined)
})

test('RetryCache learns from replayed operations', () => {
  const cache = new RetryCache()
  const ids = { rpcClientId: client(9), rpcCallId: 3 }
  cache.replay({ op: 'OP_DELETE', path: '/x', timestamp: 1, ...ids }, () => 0, 0)
  assert.equal(cache.get(ids), 0)
  const append = { rpcClientId: client(9), rpcCallId: 4 }
  cache.replay(
    { op: 'OP_APPEND', path: '/f', clientName: 'c', clientMachine: 'm', newBlock: false, ...append },
    (path) => (path === '/f' ? 16390 : 0),
    0,
  )
  assert.equal(cache.get(append), 16390)
})
