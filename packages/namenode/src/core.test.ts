import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedCluster } from './testing/simulated-cluster.ts'

test('Core.commit tells when journal and namespace disagree', () => {
  const { core } = new SimulatedCluster()
  let told: Error | undefined
  core.onFatal = (error) => {
    told = error
  }
  assert.throws(() => core.commit({ op: 'OP_SET_PERMISSIONS', src: '/none', mode: 0 }), {
    code: 'ERR_NAMENODE_EDIT_MISMATCH',
  })
  assert.match(told?.message ?? '', /apply OP_SET_PERMISSIONS: nothing at \/none/)
})
