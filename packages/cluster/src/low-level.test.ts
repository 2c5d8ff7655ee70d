import { after, before, describe, test } from 'node:test'
import { lowLevelCases, runLowLevelCase } from '@cairn/hdfs-client/testing'
import { type Cluster, startCluster } from './index.ts'

describe('the low-level client against a cluster in memory', () => {
  let cluster: Cluster
  before(async () => {
    cluster = await startCluster({ datanodes: 1, memory: true })
  })
  after(() => cluster?.close())

  for (const one of lowLevelCases) {
    test(one.name, () =>
      runLowLevelCase(one, { url: cluster.url, user: process.env.USER ?? 'root', permissions: true }),
    )
  }
})
