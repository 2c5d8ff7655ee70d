import { userInfo } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { exampleCases, lowLevelCases, runLowLevelCase } from '@cairn/hdfs-client/testing'
import { runExample } from '@cairn/testkit'
import { type Cluster, startCluster } from './index.ts'

const user = userInfo().username

describe('the low-level client against a cluster in memory', () => {
  let cluster: Cluster
  before(async () => {
    cluster = await startCluster({ datanodes: 1, rpc: [4, 7, 9] })
  })
  after(() => cluster?.close())

  for (const rpcVersion of [undefined, 7, 4]) {
    for (const one of lowLevelCases) {
      const spoken = rpcVersion === undefined ? '' : `, with RPC ${rpcVersion}`
      test(`${one.name}${spoken}`, () =>
        runLowLevelCase(one, { url: cluster.url, user, permissions: true, rpcVersion, unspoken: 8 }))
    }
  }
  for (const one of exampleCases) {
    test(one.name, () => one.run({ url: cluster.url, user, protocolVersion: 1n, runExample }))
  }
})
