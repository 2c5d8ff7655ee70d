import { userInfo } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { exampleCases, lowLevelCases, runLowLevelCase } from '@cairn/hdfs-client/testing'
import { runExample } from '@cairn/testkit'
import { type Cluster, startCluster } from './index.ts'

describe('the low-level client against a cluster in memory', () => {
  let cluster: Cluster
  before(async () => {
    cluster = await startCluster({ datanodes: 1, memory: true })
  })
  after(() => cluster?.close())

  for (const one of lowLevelCases) {
    test(one.name, () =>
      runLowLevelCase(one, { url: cluster.url, user: userInfo().username, permissions: true }),
    )
  }
  for (const one of exampleCases) {
    test(one.name, () =>
      one.run({ url: cluster.url, user: userInfo().username, protocolVersion: 1n, runExample }),
    )
  }
})
