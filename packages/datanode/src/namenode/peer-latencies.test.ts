import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PeerLatencies } from './peer-latencies.ts'

test('the one slow peer of many is named, with what it was compared with [dnp.slow.1]', () => {
  const latencies = new PeerLatencies({ now: () => 0, samplesMin: 3 })
  for (let peer = 0; peer < 11; peer++) {
    for (let sample = 0; sample < 3; sample++) latencies.add(`10.0.0.${peer}:9864`, peer === 4 ? 300 : 2)
  }
  assert.deepEqual(latencies.slowPeers(), [
    { dataNodeId: '10.0.0.4:9864', aggregateLatency: 300, median: 2, mad: 0, upperLimitLatency: 6 },
  ])
})

test('too few samples or nodes tell nothing', () => {
  const latencies = new PeerLatencies({ now: () => 0 })
  for (let peer = 0; peer < 11; peer++) latencies.add(`p${peer}`, peer === 4 ? 300 : 2)
  assert.deepEqual(latencies.slowPeers(), [])
})
